"""What a draft's definition comes to is stored when it is edited.

Drafts from before are assessed at their next edit. Until then an update counts as one that may be breaking, so that its
replay is offered; a step checks the definition anew whatever is stored.
"""

from django.db import migrations, models

ASSUME_BREAKING = """
    UPDATE requests_change SET is_breaking = true WHERE version_id IS NULL AND action = 'update'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0010_approvals_of_submissions"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="problems",
            field=models.JSONField(
                blank=True, default=list, help_text="What keeps its definition from compiling, as of its last edit"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="is_breaking",
            field=models.BooleanField(
                default=False,
                help_text="Whether it is breaking or not proven compatible, as of its last edit",
            ),
        ),
        migrations.RunSQL(ASSUME_BREAKING, migrations.RunSQL.noop),
    ]
