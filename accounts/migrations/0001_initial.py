"""People, teams, memberships, tokens and history."""

from typing import ClassVar

import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.models.user


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120, unique=True)),
                (
                    "contact",
                    models.CharField(
                        blank=True, help_text="Where to reach the team: a chat channel or an address.", max_length=200
                    ),
                ),
                (
                    "own_approval_tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            validators=[
                                django.core.validators.MinValueValidator(1),
                                django.core.validators.MaxValueValidator(3),
                            ]
                        ),
                        blank=True,
                        default=list,
                        help_text="Tiers (1 to 3) for which a person may approve their own request, comma separated. Usually none.",
                        size=None,
                        verbose_name="tiers with own approval",
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "Somebody else has this username."},
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="What colleagues call you.", max_length=150, verbose_name="display name"
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Inactive people cannot sign in; what they did keeps their name.",
                        verbose_name="active",
                    ),
                ),
                ("is_system", models.BooleanField(default=False, editable=False)),
                (
                    "theme",
                    models.CharField(
                        choices=[("auto", "Like the system"), ("light", "Light"), ("dark", "Dark")],
                        default="auto",
                        max_length=8,
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC", max_length=64, validators=[accounts.models.user.validate_time_zone]
                    ),
                ),
                (
                    "has_shortcuts",
                    models.BooleanField(
                        default=True,
                        help_text="Single keys such as / and c act on pages.",
                        verbose_name="keyboard shortcuts",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="joined"),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "ordering": ("username",),
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("username"), name="user_username_any_case"
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="user_email_any_case",
                        violation_error_message="Somebody else has this e-mail address.",
                    ),
                    models.UniqueConstraint(
                        models.F("is_system"), condition=models.Q(("is_system", True)), name="user_one_system"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("prefix", models.CharField(editable=False, max_length=12)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read", "Read everything you can read"),
                                ("requests", "Create and edit requests, import definitions"),
                                ("transitions", "Move requests, deliveries and findings"),
                                ("sources", "Manage sources and keys, mark deploys"),
                                ("check", "Check events against the catalog"),
                                ("admin", "Everything else you may do"),
                            ],
                            max_length=16,
                        ),
                        size=None,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("last_used_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last used")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "ordering": ("-created_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="HistoryEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("subject_type", models.CharField(max_length=30)),
                ("subject_id", models.CharField(max_length=64)),
                ("parent_type", models.CharField(blank=True, max_length=30, null=True)),
                ("parent_id", models.CharField(blank=True, max_length=64, null=True)),
                ("action", models.CharField(max_length=60)),
                ("from_state", models.CharField(blank=True, max_length=30)),
                ("to_state", models.CharField(blank=True, max_length=30)),
                ("message", models.TextField(blank=True)),
                (
                    "evidence",
                    models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="history", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="accounts.apitoken",
                    ),
                ),
            ],
            options={
                "verbose_name": "history entry",
                "verbose_name_plural": "history",
                "ordering": ("-at", "-pk"),
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "at"], name="history_subject"),
                    models.Index(fields=["parent_type", "parent_id", "at"], name="history_parent"),
                    models.Index(fields=["-at", "-id"], name="history_newest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("parent_id__isnull", True), ("parent_type__isnull", True)),
                            models.Q(("parent_id__isnull", False), ("parent_type__isnull", False)),
                            _connector="OR",
                        ),
                        name="history_parent_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("pm", "Product manager"),
                            ("developer", "Developer"),
                            ("analyst", "Analyst"),
                            ("qa", "QA"),
                            ("admin", "Admin"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "ordering": ("user__username", "team__name", "role"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "team", "role"),
                        name="membership_once",
                        nulls_distinct=False,
                        violation_error_message="This person already holds this role there.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("team__isnull", False), ("role__in", ("analyst", "qa", "admin")), _connector="OR"
                        ),
                        name="membership_company_roles",
                        violation_error_message="Only analyst, QA and admin can be held without a team. Choose a team.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["viewer", "pm", "developer", "analyst", "qa", "admin"])),
                        name="membership_known_role",
                    ),
                ],
            },
        ),
    ]
