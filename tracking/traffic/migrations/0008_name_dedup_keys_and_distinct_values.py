"""Two models get the names that the field has for them; their rows stay."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0007_name_the_wire_of_samples")]

    operations: ClassVar = [
        migrations.RenameModel("SeenId", "DedupKey"),
        migrations.RenameModel("HourEntry", "HourlyDistinctValue"),
        migrations.AlterModelOptions(
            "hourlydistinctvalue",
            {"ordering": ("id",), "verbose_name_plural": "hourly distinct values"},
        ),
    ]
