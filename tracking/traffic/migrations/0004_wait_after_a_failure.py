"""A batch whose check failed waits a while before it is tried again."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0003_read_counts_as_one")]

    operations: ClassVar = [
        migrations.AddField(
            "inboxbatch",
            "not_before",
            models.DateTimeField(blank=True, help_text="When it is tried again, after a failure", null=True),
        )
    ]
