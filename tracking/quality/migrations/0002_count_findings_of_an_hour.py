"""How many findings a source opened within an hour is asked by an index."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("quality", "0001_initial")]

    operations: ClassVar = [
        migrations.AddIndex(
            "finding", models.Index(fields=["source", "environment", "first_seen"], name="finding_by_hour")
        ),
    ]
