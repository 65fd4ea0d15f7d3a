"""The index by which drafts of names that read alike are found.

Apart from the filling: one transaction does not both update the rows of a table and index it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0012_reasons_for_names"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["folded_name"], name="change_by_folded_name"),
        ),
    ]
