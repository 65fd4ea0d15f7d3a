"""What each check writes many rows of is no longer looked up row by row. Each constraint goes without a scan."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


def _references(related_name_of_seen_name: str) -> dict[str, models.Field]:
    common = {"db_constraint": False, "on_delete": django.db.models.deletion.CASCADE}
    return {
        "source": models.ForeignKey(related_name="+", to="catalog.source", **common),
        "seen_name": models.ForeignKey(related_name=related_name_of_seen_name, to="traffic.seenname", **common),
        "version": models.ForeignKey(null=True, related_name="+", to="catalog.version", **common),
    }


class Migration(migrations.Migration):
    dependencies: ClassVar = [("traffic", "0019_dedup_keys_of_one_number")]

    operations: ClassVar = [
        migrations.AlterField(model, name, field)
        for model, related_name in (("rollupdelta", "+"), ("sample", "samples"))
        for name, field in _references(related_name).items()
    ]
