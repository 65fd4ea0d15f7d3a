"""A source, or else the company, says what a null of an optional property is."""

from django.db import migrations, models


def create_policy(apps, schema_editor):
    """Make the one row of the company's policy."""
    apps.get_model("catalog", "CompanyPolicy").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_index_folded_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="null_handling",
            field=models.CharField(
                blank=True,
                choices=[("error", "An error"), ("warning", "A warning"), ("absent", "As if absent")],
                default="",
                help_text="What a null means for an optional property that does not allow it. Empty: as the company says.",
                max_length=16,
                verbose_name="nulls of optional properties",
            ),
        ),
        migrations.CreateModel(
            name="CompanyPolicy",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                (
                    "null_handling",
                    models.CharField(
                        choices=[("error", "An error"), ("warning", "A warning"), ("absent", "As if absent")],
                        default="error",
                        help_text="What a null means for an optional property that does not allow it. A source may say otherwise.",
                        max_length=16,
                        verbose_name="nulls of optional properties",
                    ),
                ),
            ],
            options={
                "verbose_name": "company policy",
                "verbose_name_plural": "company policy",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="company_policy_is_one_row")
                ],
            },
        ),
        migrations.RunPython(create_policy, migrations.RunPython.noop),
    ]
