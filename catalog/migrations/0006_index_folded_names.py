"""The indexes by which names that read alike are found.

Apart from the filling: one transaction does not both update the rows of a table and index it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_fold_names"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="eventname",
            index=models.Index(
                fields=("folded_name",), name="event_name_by_folding", opclasses=("varchar_pattern_ops",)
            ),
        ),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(fields=("folded_name",), name="property_by_folding", opclasses=("varchar_pattern_ops",)),
        ),
    ]
