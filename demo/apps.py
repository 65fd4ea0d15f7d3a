"""The Django app that loads and removes the demo company."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
