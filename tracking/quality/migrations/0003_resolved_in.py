"""A finding is resolved in an app version, and counts what older ones still send."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quality", "0002_count_findings_of_an_hour"),
    ]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="older_count",
            field=models.BigIntegerField(
                default=0, help_text="Events of app versions older than the fix since it was resolved"
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="resolved_in",
            field=models.CharField(
                blank=True, help_text="The app version that has the fix; empty where none was named", max_length=100
            ),
        ),
    ]
