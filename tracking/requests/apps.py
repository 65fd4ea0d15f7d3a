"""The app of requests."""

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "tracking.requests"
    label = "requests"
    verbose_name = "Requests"
