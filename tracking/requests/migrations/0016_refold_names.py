"""How the names fold that drafts would give is stored anew, as those of events are.

Filled by the folding that the code looks up with, so that both agree whenever the migration runs.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from catalog.contract import fold_name

BATCH_SIZE = 1_000


def refold_drafted_names(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    change_model = apps.get_model("requests", "Change")
    changed = []
    for row in change_model._default_manager.exclude(folded_name="").order_by("pk").iterator(BATCH_SIZE):
        name = row.definition.get("name") if isinstance(row.definition, dict) else None
        folded = fold_name(name) if isinstance(name, str) else ""
        if folded != row.folded_name:
            row.folded_name = folded
            changed.append(row)
    change_model._default_manager.bulk_update(changed, ["folded_name"], batch_size=BATCH_SIZE)


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0015_evidence_devices"),
    ]

    operations = [
        migrations.RunPython(refold_drafted_names, migrations.RunPython.noop, elidable=False),
    ]
