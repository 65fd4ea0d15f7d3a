"""Rows written once ask for the role that owns their table, and the application purges by a function of the owner."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.migrations._owner_guard import DROP_PURGE, create_functions
from accounts.migrations._write_once import CREATE_FUNCTION


def restore_functions(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave the functions as they were before."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(DROP_PURGE)
        cursor.execute(CREATE_FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0002_protect_history")]

    operations: ClassVar = [migrations.RunPython(create_functions, restore_functions)]
