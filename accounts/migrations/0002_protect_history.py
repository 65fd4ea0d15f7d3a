"""History is written once: the database refuses to change, delete or empty it."""

from typing import ClassVar

from django.db import migrations

from accounts.migrations._write_once import create_function, protect


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial")]

    operations: ClassVar = [create_function(), protect("accounts_historyentry")]
