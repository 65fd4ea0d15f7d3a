"""Imports keep why they bring names beside those that people read as the same."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_null_handling"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="name_reason",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Why names are needed beside those that people read as the same",
                max_length=500,
            ),
            preserve_default=False,
        ),
    ]
