"""Pinned events are written once, as verifications are."""

from typing import ClassVar

from django.db import migrations

from accounts.migrations._write_once import protect


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0002_protect_history"), ("requests", "0008_keep_pinned_events")]

    operations: ClassVar = [protect("requests_pinnedevent")]
