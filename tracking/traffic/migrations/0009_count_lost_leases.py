"""A batch counts the leases of it that ended before a worker reported, so that one outage makes none of a set suspect."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0008_name_dedup_keys_and_distinct_values")]

    operations: ClassVar = [
        migrations.AddField(
            "inboxbatch",
            "lost_leases",
            models.PositiveSmallIntegerField(default=0, help_text="Leases of it that ended before a worker reported"),
        ),
    ]
