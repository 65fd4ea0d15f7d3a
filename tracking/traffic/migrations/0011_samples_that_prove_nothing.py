"""A sample says whether its event may be evidence: not where it cannot be dated. Those of before counted, and still do."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0010_event_time_of_samples")]

    operations: ClassVar = [
        migrations.AddField(
            "sample",
            "is_evidence",
            models.BooleanField(
                default=True, help_text="Whether it may speak for a delivery; not where its time cannot be relied on"
            ),
        ),
    ]
