"""The caps of an hour count each environment for itself: a public key of one must not use up another's."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0004_wait_after_a_failure")]

    operations: ClassVar = [
        migrations.RemoveConstraint("hourentry", "hour_entry_once"),
        migrations.AddField(
            "hourentry",
            "environment",
            models.CharField(
                choices=[("production", "Production"), ("staging", "Staging"), ("development", "Development")],
                default="production",
                max_length=16,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "hourentry",
            models.UniqueConstraint(
                fields=("source", "environment", "hour", "kind", "value_hash"), name="hour_entry_once"
            ),
        ),
    ]
