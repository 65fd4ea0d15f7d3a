"""Verifications are written once: a signature is taken back by a new step, never by an edit."""

from typing import ClassVar

from django.db import migrations

from accounts.migrations._write_once import protect


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0002_protect_history"), ("requests", "0001_initial")]

    operations: ClassVar = [protect("requests_verification")]
