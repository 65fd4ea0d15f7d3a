"""The Django app for the guided tour."""

from django.apps import AppConfig


class TourConfig(AppConfig):
    name = "tour"
