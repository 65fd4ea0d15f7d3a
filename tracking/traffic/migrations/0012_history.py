"""A door for history: batches of it are marked, and its events are counted beside the others."""

from typing import ClassVar

from django.db import migrations, models

HISTORY_HELP = "Whether it came by a door for history"
COUNT_HELP = "In addition, of history: what was sent to be kept, and neither arrives now nor proves anything"
COLUMNS = (
    "id, hour, source_id, environment, seen_name_id, app_version, version_id, verdict, "
    "count, warned, repeats, possible_repeats, late, last_seen"
)
VIEW = (
    f"CREATE VIEW traffic_count AS SELECT {COLUMNS}%s FROM traffic_rollup "  # noqa: S608  names of this file
    f"UNION ALL SELECT -{COLUMNS}%s FROM traffic_rollupdelta"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0011_samples_that_prove_nothing")]

    operations: ClassVar = [
        migrations.AddField("inboxbatch", "is_history", models.BooleanField(default=False, help_text=HISTORY_HELP)),
        migrations.AddField(
            "quarantinedbatch", "is_history", models.BooleanField(default=False, help_text=HISTORY_HELP)
        ),
        migrations.AddField("rollup", "historical", models.BigIntegerField(default=0, help_text=COUNT_HELP)),
        migrations.AddField("rollupdelta", "historical", models.BigIntegerField(default=0, help_text=COUNT_HELP)),
        migrations.RunSQL(
            ["DROP VIEW traffic_count", VIEW % (", historical", ", historical")],
            ["DROP VIEW traffic_count", VIEW % ("", "")],
        ),
    ]
