"""An id of a source and environment is known by one number; what is known of a day goes by whole tables."""

from typing import ClassVar

from django.db import migrations, models

from tracking.traffic.migrations._dedup_conversion import convert_known_ids, forget_known_ids
from tracking.traffic.migrations._dedup_rotation import create_rotation, drop_rotation
from tracking.traffic.models.dedup_key import SecondsField


def _columns() -> list[tuple[str, models.Field]]:
    help_text = "Empty in rows of before 2026-12: every event with such an id is a repeat"
    return [
        ("key", models.BigIntegerField(primary_key=True, serialize=False)),
        ("content", models.IntegerField(help_text=help_text, null=True)),
        ("seen_at", SecondsField()),
    ]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0018_pack_bodies")]

    operations: ClassVar = [
        migrations.RenameModel("DedupKey", "DedupKeyBefore"),
        migrations.CreateModel("DedupKey", _columns(), {"ordering": ("key",), "abstract": False}),
        migrations.CreateModel("EarlierDedupKey", _columns(), {"ordering": ("key",), "abstract": False}),
        migrations.CreateModel(
            "DedupRotation",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rotated_at", models.DateTimeField()),
            ],
            {"constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_dedup_rotation")]},
        ),
        migrations.RunPython(create_rotation, drop_rotation),
        migrations.RunPython(convert_known_ids, forget_known_ids),
        migrations.DeleteModel("DedupKeyBefore"),
    ]
