"""Changes: what a request does to one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, When

from tracking.requests.choices import DEFINING_ACTIONS, ChangeAction, Lane, RequestOrigin, default_approval_areas

if TYPE_CHECKING:
    from accounts.models import Team

APPROVING_TEAM_ID = Case(
    When(event=None, then=F("request__team_id")),
    default=F("event__owner_team_id"),
    output_field=models.BigIntegerField(),
)
"""SQL of `Change.approving_team`."""


class Change(models.Model):
    """One event created, updated, deprecated or retired by a request.

    `definition` is the draft and may change until it is approved; the approval makes it a
    `Version` whose parent is `base`. `problems`, `lint`, `is_breaking` and `folded_name` say what the draft comes to;
    their one writer is `tracking.requests.workflow.draft_assessment`.
    """

    request = models.ForeignKey("requests.Request", models.CASCADE, related_name="changes")
    action = models.CharField(max_length=16, choices=ChangeAction)
    event = models.ForeignKey("catalog.Event", models.PROTECT, null=True, blank=True, related_name="changes")
    definition = models.JSONField(default=dict, blank=True)
    sources = models.ManyToManyField("catalog.Source", blank=True, related_name="changes")
    base = models.ForeignKey("catalog.Version", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.OneToOneField("catalog.Version", models.PROTECT, null=True, blank=True, related_name="change")
    lane = models.CharField(max_length=16, choices=Lane, default=Lane.NEW)
    approval_areas = ArrayField(
        models.CharField(max_length=16),
        default=default_approval_areas,
        blank=True,
        help_text="In which areas it must be approved; computed from its content with the lane",
    )
    import_entry = models.ForeignKey(
        "catalog.ImportEntry", models.PROTECT, null=True, blank=True, related_name="changes", help_text="Its provenance"
    )
    imported_definition = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="The definition as an import brought it; people may edit the draft",
    )
    successor = models.ForeignKey("catalog.Event", models.PROTECT, null=True, blank=True, related_name="+")
    has_no_successor = models.BooleanField(default=False)
    ends_on = models.DateField(null=True, blank=True)
    name_reason = models.CharField(
        max_length=500, blank=True, help_text="Why its name is needed beside one that people read as the same"
    )
    folded_name = models.CharField(
        max_length=512,
        blank=True,
        editable=False,
        help_text="How the name folds that it would give to an event; empty where it gives none, as of its last edit",
    )
    problems = models.JSONField(
        default=list, blank=True, help_text="What keeps its definition from compiling, as of its last edit"
    )
    lint = models.JSONField(
        default=list, blank=True, help_text="What the lint found in its definition, as of its last edit"
    )
    is_breaking = models.BooleanField(
        default=False, help_text="Whether it is breaking or not proven compatible, as of its last edit"
    )

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=("folded_name",), name="change_by_folded_name")]

    def __str__(self) -> str:
        return f"{self.action} {self.name}"

    @property
    def name(self) -> str:
        """The event's name as this change would have it."""
        drafted = self.definition.get("name") if isinstance(self.definition, dict) else None
        return str(drafted) if drafted else (self.event.name if self.event else "")

    @property
    def gives_name(self) -> bool:
        """Whether it would give its event a name that the event does not have: it creates or renames it."""
        return self.is_defining and bool(self.name) and (self.event is None or self.name != self.event.name)

    @property
    def approving_team(self) -> Team | None:
        """The team whose people approve it: the event's owner; the request's where the event does not exist yet."""
        return self.request.team if self.event is None else self.event.owner_team

    @property
    def is_defining(self) -> bool:
        """Whether it carries a definition: it creates or updates its event."""
        return self.action in DEFINING_ACTIONS

    @property
    def has_valid_definition(self) -> bool:
        """Whether it carries a definition, and that compiled when it was last edited."""
        return self.is_defining and not self.problems

    @property
    def lacks_sources(self) -> bool:
        """Whether it says of no source that it sends the event. Imports may leave that open."""
        return self.request.origin not in (RequestOrigin.IMPORT, RequestOrigin.API) and not self.sources.all()
