"""What the lint finds in a draft's definition is stored when it is edited. Drafts from before have it at their next edit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0013_index_folded_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="lint",
            field=models.JSONField(
                blank=True, default=list, help_text="What the lint found in its definition, as of its last edit"
            ),
        ),
    ]
