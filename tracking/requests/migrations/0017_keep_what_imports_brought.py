"""What an import brought is kept beside the draft. Of drafts from before, what they say today counts as brought."""

from django.db import migrations, models

KEEP = """
UPDATE requests_change SET imported_definition = definition
WHERE import_entry_id IS NOT NULL AND version_id IS NULL AND action IN ('create', 'update')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0016_refold_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="imported_definition",
            field=models.JSONField(
                blank=True,
                editable=False,
                help_text="The definition as an import brought it; people may edit the draft",
                null=True,
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
