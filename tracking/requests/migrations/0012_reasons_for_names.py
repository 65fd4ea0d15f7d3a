"""Changes say why they need a name that reads like another, and keep how the name folds that they give to an event.

Filled for the open drafts from before, by the folding that the code looks up with.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from catalog.contract import fold_name

BATCH_SIZE = 1_000
CLOSED_STATES = ("live", "declined", "withdrawn")


def fold_drafted_names(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    change_model = apps.get_model("requests", "Change")
    rows = change_model._default_manager.filter(action__in=("create", "update"), version=None)
    changed = []
    for row in rows.exclude(request__state__in=CLOSED_STATES).select_related("event").iterator(BATCH_SIZE):
        name = row.definition.get("name") if isinstance(row.definition, dict) else None
        if isinstance(name, str) and name and (row.event is None or name != row.event.name):
            row.folded_name = fold_name(name)
            changed.append(row)
    change_model._default_manager.bulk_update(changed, ["folded_name"], batch_size=BATCH_SIZE)


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0011_store_what_drafts_come_to"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="name_reason",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Why its name is needed beside one that people read as the same",
                max_length=500,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="change",
            name="folded_name",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="How the name folds that it would give to an event; empty where it gives none, as of its last edit",
                max_length=512,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fold_drafted_names, migrations.RunPython.noop, elidable=False),
    ]
