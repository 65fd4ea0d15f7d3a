"""Names of events and of library entries keep how they fold, so that names which read alike are found by an index.

Filled by the folding that the code looks up with, so that both agree whenever the migration runs.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from catalog.contract import fold_name

BATCH_SIZE = 1_000


def fold_stored_names(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model_name in ("EventName", "Property"):
        model = apps.get_model("catalog", model_name)
        rows = list(model._default_manager.only("pk", "name"))
        for row in rows:
            row.folded_name = fold_name(row.name)
        model._default_manager.bulk_update(rows, ["folded_name"], batch_size=BATCH_SIZE)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_order_builds_of_app_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="eventname",
            name="folded_name",
            field=models.CharField(
                default="",
                editable=False,
                help_text="By which names that read alike are found",
                max_length=512,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="property",
            name="folded_name",
            field=models.CharField(
                default="",
                editable=False,
                help_text="By which names that read alike are found",
                max_length=512,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fold_stored_names, migrations.RunPython.noop, elidable=False),
    ]
