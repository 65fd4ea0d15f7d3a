"""The app that erases what is kept of one user or device."""

from django.apps import AppConfig


class ErasureConfig(AppConfig):
    name = "erasure"
