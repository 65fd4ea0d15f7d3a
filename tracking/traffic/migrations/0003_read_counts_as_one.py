"""Folded and unfolded counts under one name, indexes of the inbox, and what an event sent again was counted as."""

from typing import ClassVar

from django.db import migrations, models

COUNTED_HELP = "Of an event sent again: the key under which it was counted as unchecked"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0001_initial"), ("traffic", "0002_store_bodies_as_they_are")]

    operations: ClassVar = [
        migrations.RunSQL(
            """
            CREATE VIEW traffic_count AS
            SELECT id, hour, source_id, environment, seen_name_id, app_version, version_id, verdict,
                   count, warned, repeats, possible_repeats, late, last_seen
            FROM traffic_rollup
            UNION ALL
            SELECT -id, hour, source_id, environment, seen_name_id, app_version, version_id, verdict,
                   count, warned, repeats, possible_repeats, late, last_seen
            FROM traffic_rollupdelta
            """,
            "DROP VIEW traffic_count",
        ),
        migrations.CreateModel(
            name="TrafficCount",
            fields=[],
            options={"ordering": ("-hour", "id"), "db_table": "traffic_count", "managed": False},
        ),
        migrations.AddField("inboxbatch", "counted", models.JSONField(blank=True, help_text=COUNTED_HELP, null=True)),
        migrations.AddField(
            "quarantinedbatch", "counted", models.JSONField(blank=True, help_text=COUNTED_HELP, null=True)
        ),
        migrations.AddIndex(
            "inboxbatch",
            models.Index(condition=models.Q(("is_alone", True)), fields=["attempts", "id"], name="inbox_alone"),
        ),
        migrations.AddIndex(
            "inboxbatch",
            models.Index(condition=models.Q(("lease__isnull", False)), fields=["leased_until"], name="inbox_leased"),
        ),
    ]
