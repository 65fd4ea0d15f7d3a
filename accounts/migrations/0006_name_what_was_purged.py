"""The entry that a purge writes into history names the rows that it deleted, all of them."""

from typing import ClassVar

from django.db import migrations

from accounts.migrations._purge_entries import name_what_was_asked_for, name_what_was_purged


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0005_sessions_and_audit_log")]

    operations: ClassVar = [migrations.RunPython(name_what_was_purged, name_what_was_asked_for)]
