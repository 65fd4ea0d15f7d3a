"""How names fold is stored anew: symbols that carry meaning are kept, and the dotted capital of Turkish is an i.

Filled by the folding that the code looks up with, so that both agree whenever the migration runs.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from catalog.contract import fold_name

BATCH_SIZE = 1_000


def refold_stored_names(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model_name in ("EventName", "Property"):
        model = apps.get_model("catalog", model_name)
        changed = []
        for row in model._default_manager.only("pk", "name", "folded_name").order_by("pk").iterator(BATCH_SIZE):
            folded = fold_name(row.name)
            if folded != row.folded_name:
                row.folded_name = folded
                changed.append(row)
        model._default_manager.bulk_update(changed, ["folded_name"], batch_size=BATCH_SIZE)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_exempt_properties_from_sensitive"),
    ]

    operations = [
        migrations.RunPython(refold_stored_names, migrations.RunPython.noop, elidable=False),
    ]
