"""An id is noted with the content of its event; ids of before have none, and every event with one is a repeat."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0012_history")]

    operations: ClassVar = [
        migrations.AddField("dedupkey", "content_hash", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "dedupkey",
            models.UniqueConstraint(
                fields=("source", "environment", "id_hash", "content_hash"), name="seen_event_once"
            ),
        ),
        migrations.RemoveConstraint("dedupkey", "seen_id_once"),
    ]
