"""The values that definitions list become rows, by which a search finds events without reading every definition.

Filled by the reading that publishing uses, so that both agree whenever the migration runs.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F
from django.db.models.functions import Coalesce

from catalog.contract.definition.listed_values import listed_values
from catalog.migrations._split_name import SplitName

EVENTS_AT_ONCE = 500


def fill_values(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the values of every event, so many events at a time, since definitions can be large."""
    event_model, version_model = apps.get_model("catalog", "Event"), apps.get_model("catalog", "Version")
    value_model = apps.get_model("catalog", "EventValue")
    shown = event_model._default_manager.annotate(shown=Coalesce(F("live_version"), F("newest_version")))
    rows = shown.filter(shown__isnull=False).order_by("pk").values_list("pk", "shown")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:EVENTS_AT_ONCE]):
        last = batch[-1][0]
        event_of = {version_id: pk for pk, version_id in batch}
        definitions = version_model._default_manager.filter(pk__in=event_of).order_by("pk")
        pairs = [
            (event_of[version_id], value)
            for version_id, definition in definitions.values_list("pk", "definition").iterator(100)
            for value in listed_values(definition)
        ]
        ids = listed_value_ids(apps, {value for _, value in pairs})
        value_model._default_manager.bulk_create(
            (value_model(event_id=event_id, value_id=ids[value]) for event_id, value in pairs), batch_size=1_000
        )


def listed_value_ids(apps: Apps, values: set[str]) -> dict[str, int]:
    """Return the ids of the rows of these values, of which those that are missing are added."""
    model = apps.get_model("catalog", "ListedValue")
    ids = dict(model._default_manager.filter(value__in=values).order_by("-pk").values_list("value", "pk"))
    new = sorted(values - ids.keys())
    added = model._default_manager.bulk_create((model(value=value) for value in new), batch_size=1_000)
    return ids | {row.value: row.pk for row in added}


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0012_rates_of_sources"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListedValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=200)),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.SearchVector(
                            "value", SplitName("value"), config="simple", weight="A"
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
            options={
                "ordering": ("value", "id"),
                "indexes": [
                    models.Index(fields=["value"], name="listed_value_text"),
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="listed_value_search"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EventValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="values", to="catalog.event"
                    ),
                ),
                (
                    "value",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="catalog.listedvalue",
                    ),
                ),
            ],
            options={
                "ordering": ("event", "value"),
                "constraints": [models.UniqueConstraint(fields=("value", "event"), name="event_value_once")],
            },
        ),
        migrations.RunPython(fill_values, migrations.RunPython.noop, elidable=False),
    ]
