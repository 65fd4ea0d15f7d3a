"""Of the events of an hour, those that no clock dates: they prove nothing. Those counted before still do."""

from typing import ClassVar

from django.db import migrations, models

UNDATED_HELP = "Of them, from the future or from long ago by their own clocks: they prove nothing"
COLUMNS = (
    "id, hour, source_id, environment, seen_name_id, app_version, version_id, verdict, "
    "count, warned, repeats, possible_repeats, late, last_seen, historical"
)
VIEW = (
    f"CREATE VIEW traffic_count AS SELECT {COLUMNS}%s FROM traffic_rollup "  # noqa: S608  names of this file
    f"UNION ALL SELECT -{COLUMNS}%s FROM traffic_rollupdelta"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0013_content_of_dedup_keys")]

    operations: ClassVar = [
        migrations.AddField("rollup", "undated", models.BigIntegerField(default=0, help_text=UNDATED_HELP)),
        migrations.AddField("rollupdelta", "undated", models.BigIntegerField(default=0, help_text=UNDATED_HELP)),
        migrations.RunSQL(
            ["DROP VIEW traffic_count", VIEW % (", undated", ", undated")],
            ["DROP VIEW traffic_count", VIEW % ("", "")],
        ),
    ]
