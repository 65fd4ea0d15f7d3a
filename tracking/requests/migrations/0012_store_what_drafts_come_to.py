from django.db import migrations, models

from catalog.contract import VersionBump as HowFar
from catalog.contract import compare, find_problems


def assess_drafts(apps, schema_editor):
    """Changes that were approved are valid and decided; only what can still be edited or approved is looked at."""
    changes = apps.get_model("requests", "Change").objects
    open_changes = changes.filter(version=None, action__in=("create", "update")).select_related("base")
    for change in open_changes.prefetch_related("sources").iterator(chunk_size=200):
        change.problems = [found.as_json() for found in find_problems(change.definition)]
        if change.action == "update" and change.base is not None and not change.problems:
            slugs = [source.slug for source in change.sources.all()] or [None]
            comparisons = [compare(change.base.definition, change.definition, source=slug) for slug in slugs]
            change.is_breaking = any(found.version_bump == HowFar.MAJOR for found in comparisons)
        if change.problems or change.is_breaking:
            change.save(update_fields=["problems", "is_breaking"])


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0009_protect_pinned_events"),
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
        migrations.RunPython(assess_drafts, migrations.RunPython.noop),
    ]
