"""Approvals: who said yes to which submission of a request, in which area, and for which team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast

from accounts.models import HistoryEntry, Membership
from accounts.permission_scope import teams_for
from catalog.models import Event
from tracking.requests.approval_areas import AREA_RULES
from tracking.requests.choices import ApprovalArea, RequestState
from tracking.requests.models.change import APPROVING_TEAM_ID, Change

if TYPE_CHECKING:
    from accounts.models import User

LOWEST_TIER: int = Event._meta.get_field("tier").default
"""The tier of an event that does not exist yet."""

CONTENT_EDITS = Q(action="edited") | Q(action__startswith="change ")
"""The entries of a request's history that changed what it says."""


class Approval(models.Model):
    """One person's yes to what one submission of a request says, in one area.

    It counts for `team`'s part of the request, or without a team for the parts of every team. Sending the request
    back to draft ends it: the next submission has another number. It also stops counting where the content differs
    from what was approved.
    """

    request = models.ForeignKey("requests.Request", models.CASCADE, related_name="approvals")
    submission = models.PositiveIntegerField(default=0, help_text="Which submission of the request was approved")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="approvals")
    area = models.CharField(max_length=16, choices=ApprovalArea, default=ApprovalArea.ANALYSIS)
    team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="For whose part of the request; empty: for every team's",
    )
    content_hash = models.BinaryField(max_length=32)
    comment = models.TextField(blank=True)
    evidence = models.JSONField(default=dict, blank=True, help_text="The replay that the person saw: counts, witness")
    is_same_person = models.BooleanField(default=False, help_text="The author approved, as the team's policy allows")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("request", "submission", "person", "area", "team", "content_hash"),
                nulls_distinct=False,
                name="approval_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.request}"

    @property
    def label(self) -> str:
        """What was approved, for people: the area and the team whose part it is."""
        return self.get_area_display() if self.team is None else f"{self.get_area_display()} for {self.team}"


def awaiting_approval_by(user: User) -> Q:
    """The condition on requests that this person's approval is still needed.

    It says in SQL what `workflow.required_approvals` says of one request: the request is submitted, one of its changes
    lacks an approval that the person may give, and they did not write the request, or every team's policy lets them.
    """
    lacking = Q(pk__in=())
    for rule in AREA_RULES:
        scope = teams_for(user, rule.capability)
        changes = (
            Change.objects.filter(request=OuterRef("pk"), approval_areas__contains=[rule.area])
            .annotate(approving_team_id=APPROVING_TEAM_ID)
            .filter(scope.as_condition("approving_team_id"))
        )
        lacking |= Q(Exists(changes.filter(~_is_approved(rule.area))))
        # Approved in full, and still not moved: the events of the other team became this one's.
        lacking |= Q(Exists(changes)) & Q(~Exists(_changes_lacking_approval()))
    own_approval_allowed = Q(~Exists(_changes_without_own_approval()))
    return Q(state=RequestState.REQUESTED) & lacking & (~is_written_by(user) | own_approval_allowed)


def is_written_by(user: User) -> Q:
    """The condition on requests that this person wrote, owns or ever edited them."""
    edits = HistoryEntry.objects.filter(
        CONTENT_EDITS,
        subject_type="request",
        subject_id=Cast(OuterRef("pk"), models.CharField()),
        actor_id=user.pk,
    )
    return Q(author_id=user.pk) | Q(owner_id=user.pk) | Q(Exists(edits))


def _is_approved(area: str) -> Exists:
    """The condition on changes, annotated with their approving team, that an approval of the area counts for them."""
    approvals = Approval.objects.filter(
        request=OuterRef("request"), submission=OuterRef("request__submission"), area=area
    )
    return Exists(approvals.filter(Q(team=None) | Q(team=OuterRef("approving_team_id"))))


def _changes_lacking_approval() -> models.QuerySet[Change]:
    """The changes of an outer request that lack an approval in any area."""
    lacking = Q(pk__in=())
    for rule in AREA_RULES:
        lacking |= Q(~_is_approved(rule.area), approval_areas__contains=[rule.area])
    changes = Change.objects.filter(request=OuterRef("pk")).annotate(approving_team_id=APPROVING_TEAM_ID)
    return changes.filter(lacking)


def _changes_without_own_approval() -> models.QuerySet[Change]:
    """The changes of an outer request for which no policy lets its author approve it.

    It says in SQL what `workflow.required_approvals.is_own_approval_allowed` says of one request.
    """
    authors_membership = Membership.objects.filter(user=OuterRef("request__author"), team=OuterRef("request__team"))
    allowed: Any = Q(event__owner_team__own_approval_tiers__contains=[F("event__tier")]) | Q(
        Exists(authors_membership), event=None, request__team__own_approval_tiers__contains=[Value(LOWEST_TIER)]
    )
    # A change that no team owns makes `allowed` null, which here counts as no.
    with_own_approval = Change.objects.filter(allowed, pk=OuterRef("pk"))
    return Change.objects.filter(~Exists(with_own_approval), request=OuterRef("pk"))
