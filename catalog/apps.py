"""The Django app for the catalog of events, properties, versions and sources."""

from django.apps import AppConfig

from catalog.choices import Sensitivity
from pages.ui.badges import Badge, register_badges


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"

    def ready(self) -> None:
        register_badges("sensitivity", {row.value: Badge(row.label, row.icon, row.tone) for row in Sensitivity})
