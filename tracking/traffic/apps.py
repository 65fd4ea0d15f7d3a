"""The app tracking.traffic."""

from django.apps import AppConfig


class TrafficConfig(AppConfig):
    name = "tracking.traffic"
    label = "traffic"
    verbose_name = "Traffic"
