"""The Django app with the parts that all pages are made of."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"
