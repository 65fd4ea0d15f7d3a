"""Approvals belong to a submission, an area and a team; a change stores in which areas it must be approved.

Approvals from before count for every team, since whoever gave one could approve each event of the request. They count
for the present submission where nobody edited the request since.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tracking.requests.choices

NUMBER_REQUESTS = """
    UPDATE requests_request AS request SET submission = 1
    WHERE state <> 'draft' OR EXISTS (SELECT FROM requests_approval WHERE request_id = request.id)
"""
NUMBER_APPROVALS = """
    UPDATE requests_approval AS approval SET submission = 1
    WHERE NOT EXISTS (
        SELECT FROM accounts_historyentry AS entry
        WHERE entry.subject_type = 'request' AND entry.subject_id = approval.request_id::text
            AND (entry.action = 'edited' OR entry.action LIKE 'change %')
            AND entry.at > approval.created_at
    )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_protect_history"),
        ("requests", "0009_protect_pinned_events"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="approval",
            name="approval_once",
        ),
        migrations.AddField(
            model_name="approval",
            name="submission",
            field=models.PositiveIntegerField(default=0, help_text="Which submission of the request was approved"),
        ),
        migrations.AddField(
            model_name="approval",
            name="team",
            field=models.ForeignKey(
                blank=True,
                help_text="For whose part of the request; empty: for every team's",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.team",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="approval_areas",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=16),
                blank=True,
                default=tracking.requests.choices.default_approval_areas,
                help_text="In which areas it must be approved; computed from its content with the lane",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="submission",
            field=models.PositiveIntegerField(
                default=0, help_text="Counts how often it was submitted; an approval counts for one submission alone"
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                fields=("request", "submission", "person", "area", "team", "content_hash"),
                name="approval_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(NUMBER_REQUESTS, migrations.RunSQL.noop),
        migrations.RunSQL(NUMBER_APPROVALS, migrations.RunSQL.noop),
    ]
