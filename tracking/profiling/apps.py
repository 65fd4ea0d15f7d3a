"""The app tracking.profiling."""

from django.apps import AppConfig


class ProfilingConfig(AppConfig):
    name = "tracking.profiling"
    label = "profiling"
    verbose_name = "Profiles of events"
