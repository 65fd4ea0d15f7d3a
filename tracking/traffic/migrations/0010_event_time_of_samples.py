"""A sample keeps when its event happened; those of before say only when they were received."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0009_count_lost_leases")]

    operations: ClassVar = [
        migrations.AddField(
            "sample",
            "event_time",
            models.DateTimeField(
                blank=True,
                null=True,
                help_text="When it happened; empty in samples of before 2026-12: when it was received",
            ),
        ),
    ]
