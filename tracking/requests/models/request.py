"""Requests: tracking that somebody asks for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from catalog.choices import Status
from catalog.contract import fold_name
from catalog.models import EventName
from tracking.requests.choices import (
    ENDED_REQUEST_STATES,
    OPEN_REQUEST_STATES,
    Lane,
    Priority,
    RequestOrigin,
    RequestState,
)
from tracking.requests.models.approval import awaiting_approval_by
from tracking.requests.models.change import Change
from tracking.requests.models.delivery import Delivery

if TYPE_CHECKING:
    from accounts.models import User


def _is_draft_of(user: User) -> Q:
    return Q(state=RequestState.DRAFT) & (Q(author=user) | Q(owner=user))


class RequestQuerySet(models.QuerySet["Request"]):
    """Queries of requests."""

    def open(self) -> Self:
        """Requests that are still under way."""
        return self.filter(state__in=OPEN_REQUEST_STATES)

    def of_event(self, event_id: int) -> Self:
        """Requests with a change of this event."""
        return self.filter(Exists(Change.objects.all().filter(request=OuterRef("pk"), event_id=event_id)))

    def drafts_of(self, user: User) -> Self:
        """Drafts that are this person's to finish."""
        return self.filter(_is_draft_of(user))

    def waiting_on(self, user: User) -> Self:
        """Requests whose next step is this person's: drafts of theirs, reviews, deliveries to build or verify."""
        return self.filter(
            _is_draft_of(user)
            | awaiting_approval_by(user)
            | Exists(Delivery.objects.all().filter(change__request=OuterRef("pk")).waiting_on(user))
        )

    def due_by(self, day: date) -> Self:
        """Requests that have not ended and whose review date, or the end date of an event of theirs, is by this day.

        What is over stays due; an event that is retired already does not. Where events only end, nothing is reviewed.
        """
        ends = (
            Change.objects.all().filter(request=OuterRef("pk"), ends_on__lte=day).exclude(event__status=Status.RETIRED)
        )
        reviews = Q(review_by__lte=day) & ~Q(lane=Lane.RETIRING)
        return self.exclude(state__in=ENDED_REQUEST_STATES).filter(reviews | Exists(ends))

    def search(self, text: str) -> Self:
        """Requests where each word is in the title, the question, or the name of an event they change.

        Those as well that change an event whose name people read as the text, or as its beginning; all for no words.
        """
        words = text.replace("\0", "").split()
        if not words:
            return self
        has_every_word = Q()
        for word in words:
            with_event_name = Change.objects.all().filter(
                Q(event__name__icontains=word) | Q(definition__name__icontains=word)
            )
            has_every_word &= (
                Q(title__icontains=word) | Q(question__icontains=word) | Q(pk__in=with_event_name.values("request"))
            )
        folded = fold_name(text)
        names = EventName.objects.filter(folded_name__startswith=folded)
        alike = Change.objects.all().filter(Q(folded_name__startswith=folded) | Q(event__in=names.values("event")))
        return self.filter(has_every_word | Q(pk__in=alike.values("request")))

    def with_result_data(self) -> Self:
        """Each with what a result of a search shows, in one query: title, state, when it was asked for and by whom."""
        return self.select_related("author").only("title", "state", "created_at", "author__name", "author__username")

    def with_list_data(self) -> Self:
        """What a list shows, in a fixed number of queries: people, team, counts, changes with their events."""
        changes = Change.objects.all().select_related("event").order_by("id")
        return (
            self.select_related("author", "owner", "team")
            .annotate(change_count=Count("changes", distinct=True))
            .prefetch_related(Prefetch("changes", queryset=changes))
        )

    def with_people(self) -> Self:
        """Each with its author, owner and team, in one query."""
        return self.select_related("author", "owner", "team")

    def with_changes(self) -> Self:
        """What the API's detail shows: all changes with their sources and deliveries, in a fixed number of queries."""
        deliveries = Delivery.objects.all().select_related("source", "source__owner_team", "developed_by", "tested_by")
        changes = (
            Change.objects.all()
            .select_related("event", "base", "version", "successor")
            .prefetch_related("sources", Prefetch("deliveries", queryset=deliveries))
        )
        return self.with_people().prefetch_related(Prefetch("changes", queryset=changes))


class Request(models.Model):
    """A tracking requirement: which decision it serves, and the changes it asks for."""

    title = models.CharField(max_length=200)
    question = models.TextField(blank=True, help_text="The question that the data answers")
    decision = models.TextField(blank=True, help_text="The decision that depends on the answer")
    metric = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True, help_text="What changes, for requests that change only words")
    reason = models.TextField(blank=True, help_text="Why events are retired")
    priority = models.CharField(max_length=16, choices=Priority, blank=True)
    expected_per_day = models.PositiveBigIntegerField(null=True, blank=True)
    review_by = models.DateField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="requests")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="owned_requests"
    )
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="requests")
    state = models.CharField(max_length=16, choices=RequestState, default=RequestState.DRAFT)
    lane = models.CharField(max_length=16, choices=Lane, default=Lane.NEW)
    origin = models.CharField(max_length=16, choices=RequestOrigin, default=RequestOrigin.PEOPLE)
    submission = models.PositiveIntegerField(
        default=0, help_text="Counts how often it was submitted; an approval counts for one submission alone"
    )
    revision = models.PositiveIntegerField(default=1, help_text="Counts edits, so that two editors notice each other")
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at", "-id")
        indexes = [
            models.Index(fields=("-updated_at", "-id"), name="request_by_change"),
            models.Index(fields=("state", "-updated_at"), name="request_by_state"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("requests:request", args=[self.pk])

    @property
    def due_on(self) -> date | None:
        """The first day on which something is to be done, as `due_by` finds it: its review, or the end of an event.

        None where nothing is. Reads the changes with their events, which `with_list_data` brings along.
        """
        if self.state in ENDED_REQUEST_STATES:
            return None
        days = [
            change.ends_on for change in self.changes.all() if not (change.event and change.event.status == "retired")
        ]
        if self.lane != Lane.RETIRING:
            days.append(self.review_by)
        return min((day for day in days if day), default=None)
