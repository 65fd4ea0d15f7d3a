"""Teams, and who holds which role in them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.roles import COMPANY_ROLES, Role


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams."""

    def with_member_count(self) -> TeamQuerySet:
        """Each team with `member_count`: its active people, each once whatever roles they hold."""
        return self.annotate(
            member_count=models.Count("memberships__user", filter=Q(memberships__user__is_active=True), distinct=True)
        ).order_by("name")  # a query that groups loses the model's own order


class Team(models.Model):
    """People who own sources and events together."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, unique=True)
    contact = models.CharField(
        max_length=200, blank=True, help_text="Where to reach the team: a chat channel or an address."
    )
    own_approval_tiers = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(3)]),
        default=list,
        blank=True,
        verbose_name="tiers with own approval",
        help_text="Tiers (1 to 3) for which a person may approve their own request, comma separated. Usually none.",
    )

    objects: ClassVar[models.Manager[Team]] = TeamQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("team", args=[self.slug])

    @property
    def owner_team(self) -> Team:
        """Itself, so that `can(user, capability, on=team)` checks a permission for what this team owns or will own."""
        return self


class Membership(models.Model):
    """A role that a person holds, in a team or (analyst, QA, admin) in the whole company."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        ordering = ("user__username", "team__name", "role")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "team", "role"],
                nulls_distinct=False,
                name="membership_once",
                violation_error_message="This person already holds this role there.",
            ),
            models.CheckConstraint(
                condition=models.Q(team__isnull=False) | models.Q(role__in=COMPANY_ROLES),
                name="membership_company_roles",
                violation_error_message="Only analyst, QA and admin can be held without a team. Choose a team.",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_known_role"),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.team or 'whole company'}"
