"""The Django app for the home page, search and the style guide."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"
