"""Versions are written once: only taking one back may still be noted on it."""

from typing import ClassVar

from django.db import migrations

from accounts.migrations._write_once import protect


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0002_protect_history"), ("catalog", "0001_initial")]

    operations: ClassVar = [
        protect("catalog_version", allow_columns=("withdrawn_at",)),
        protect("catalog_versionproperty"),
    ]
