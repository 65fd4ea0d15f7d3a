"""A device that was seen with a user in the same evidence is not a second person; evidence of before keeps its counts."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("requests", "0014_store_lint_of_changes"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="EvidenceDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveIntegerField()),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("reviewed", "Since reviewed"),
                            ("developed", "Since developed"),
                            ("tested", "Since tested"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "environment",
                    models.CharField(
                        choices=[("production", "Production"), ("staging", "Staging"), ("development", "Development")],
                        max_length=16,
                    ),
                ),
                ("id_hash", models.BigIntegerField(help_text="Of the device")),
                ("user_hash", models.BigIntegerField()),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence_devices",
                        to="requests.delivery",
                    ),
                ),
            ],
            options={
                "ordering": ("delivery", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("delivery", "round", "stage", "environment", "id_hash"), name="evidence_device_once"
                    )
                ],
            },
        ),
    ]
