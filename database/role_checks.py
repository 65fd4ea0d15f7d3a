"""Checks of how the database's roles are divided: of the settings at a deployment, and of the database itself."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

# What makes a role more than the application's: it could drop a trigger, or create what shadows a table.
POWERS = """
SELECT rolsuper, EXISTS (
    SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'USAGE')
), has_schema_privilege(current_schema(), 'CREATE'), rolcreaterole OR rolbypassrls OR rolreplication
FROM pg_roles WHERE rolname = current_user
"""
WORDS = ("is a superuser", "owns tables", "may create tables", "may create or replace roles")


@register("database_roles", deploy=True)
def check_named_roles(app_configs: Sequence[Any] | None, **options: Any) -> list[CheckMessage]:
    """Warn where one database role both owns the tables and runs the application."""
    if settings.APPLICATION_DATABASE_ROLE:
        return []
    return [
        Warning(
            "One database role does everything, so a hole in the application could drop what protects history.",
            hint="Let DATABASE_URL name a role that owns nothing, and OWNER_DATABASE_URL the one that migrates "
            "(docs/operating.md, Two database roles).",
            id="signalbook.W001",
        )
    ]


@register(Tags.database)
def check_powers(
    app_configs: Sequence[Any] | None, databases: Sequence[str] | None = None, **options: Any
) -> list[CheckMessage]:
    """Warn where the application's role, as the database knows it, may do more than it should.

    Asked with `manage.py check --database default`; where one role does everything, `check --deploy` says so.
    """
    if "default" not in (databases or ()) or settings.IS_DATABASE_OWNER or not settings.APPLICATION_DATABASE_ROLE:
        return []
    with connection.cursor() as cursor:
        cursor.execute(POWERS)
        found = [word for word, has_it in zip(WORDS, cursor.fetchone(), strict=True) if has_it]
    if not found:
        return []
    return [
        Warning(
            f"The application's database role {' and '.join(found)}.",
            hint="Migrate again as the owner of the database and its schema, or take that from the role.",
            id="signalbook.W002",
        )
    ]
