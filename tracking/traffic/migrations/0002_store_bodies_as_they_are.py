"""Bodies are written once, read once and deleted: compressing them first costs more than it saves."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(
            "ALTER TABLE traffic_inboxbatch ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE traffic_inboxbatch ALTER COLUMN body SET STORAGE EXTENDED",
        )
    ]
