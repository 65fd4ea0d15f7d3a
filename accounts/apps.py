"""The Django app for people and teams."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate

from database import role_checks  # noqa: F401  registers its checks
from database.application_role import grant_application_role


def grant_rights(*, using: str, **ignored: Any) -> None:
    """Grant the application's role what it may, as the last step of a migration."""
    grant_application_role(connections[using], settings.APPLICATION_DATABASE_ROLE)


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"
    verbose_name = "People and teams"

    def ready(self) -> None:
        # Django's own hook for what follows a migration, once: by then every app has its tables.
        post_migrate.connect(grant_rights, sender=self)
