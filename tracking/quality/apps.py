"""The app tracking.quality."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "tracking.quality"
    label = "quality"
    verbose_name = "Quality"
