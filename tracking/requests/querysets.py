"""Requests and deliveries, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from accounts.roles import Capability
from tracking.requests.choices import COUNTED_DELIVERIES, OPEN_DELIVERIES, OPEN_REQUESTS, DeliveryState, State
from tracking.requests.reach import reach
from tracking.requests.transitions import BUILT, TESTED

if TYPE_CHECKING:
    from accounts.models import User
    from tracking.requests.models import Change, Delivery, Request  # noqa: F401  named in strings below


class RequestQuerySet(models.QuerySet["Request"]):
    """Adjectives of requests."""

    def open(self) -> Self:
        """Requests that are still under way."""
        return self.filter(state__in=OPEN_REQUESTS)

    def of_event(self, event_id: int) -> Self:
        """Requests with a change of this event."""
        return self.filter(Exists(self._changes().filter(request=OuterRef("pk"), event_id=event_id)))

    def on_source(self, source_id: int) -> Self:
        """Requests with a change meant for this source."""
        return self.filter(Exists(self._changes().filter(request=OuterRef("pk"), sources=source_id)))

    def editable_by(self, user: User) -> Self:
        """Requests that this person wrote or owns."""
        return self.filter(Q(author=user) | Q(owner=user))

    def waiting_on(self, user: User) -> Self:
        """Requests whose next step is this person's: drafts of theirs, reviews, deliveries to build or verify."""
        return self.filter(
            Q(state=State.DRAFT) & (Q(author=user) | Q(owner=user))
            | to_review(user)
            | Exists(self._deliveries().filter(change__request=OuterRef("pk")).waiting_on(user))
        )

    def with_list_data(self) -> Self:
        """What a list shows, in a fixed number of queries: people, team, counts, changes with their events."""
        changes = self._changes().select_related("event").order_by("id")
        return (
            self.select_related("author", "owner", "team")
            .annotate(change_count=Count("changes", distinct=True))
            .prefetch_related(Prefetch("changes", queryset=changes))
        )

    def with_page_data(self) -> Self:
        """What the request's page and the API's detail show."""
        deliveries = self._deliveries().select_related("source", "source__owner_team", "developed_by", "tested_by")
        changes = (
            self._changes()
            .select_related("event", "base", "version", "successor")
            .prefetch_related("sources", Prefetch("deliveries", queryset=deliveries))
        )
        return self.select_related("author", "owner", "team").prefetch_related(Prefetch("changes", queryset=changes))

    def _changes(self) -> models.QuerySet[Change]:
        rows: models.QuerySet[Change] = apps.get_model("requests", "Change").objects.all()
        return rows

    def _deliveries(self) -> DeliveryQuerySet:
        rows: DeliveryQuerySet = apps.get_model("requests", "Delivery").objects.all()
        return rows


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Adjectives of deliveries."""

    def open(self) -> Self:
        """Deliveries between approval and live."""
        return self.filter(state__in=OPEN_DELIVERIES)

    def counted(self) -> Self:
        """Deliveries that decide where their request stands."""
        return self.filter(state__in=COUNTED_DELIVERIES)

    def waiting_on(self, user: User) -> Self:
        """Deliveries that this person may develop, or verify without having developed them."""
        return self.filter(
            Q(state=DeliveryState.REVIEWED, change__lane__in=BUILT)
            & _within("source__owner_team", user, Capability.DELIVERY_DEVELOP)
            | Q(state=DeliveryState.DEVELOPED, change__lane__in=TESTED)
            & _within("source__owner_team", user, Capability.DELIVERY_VERIFY)
            & ~Q(developed_by=user)
        )

    def with_list_data(self) -> Self:
        """What a list shows, in one query."""
        return self.select_related(
            "source", "source__owner_team", "change", "change__event", "change__request", "developed_by", "tested_by"
        )


def to_review(user: User) -> Q:
    """The condition that a request waits for this person's approval."""
    return Q(state=State.REQUESTED) & _within("team", user, Capability.REQUEST_APPROVE) & ~Q(author=user)


def _within(team_field: str, user: User, capability: Capability) -> Q:
    """The condition that the team's things are within the person's reach; never true where nothing is."""
    found = reach(user, capability)
    if found.is_everywhere:
        return ~Q(pk__in=())
    return Q(**{f"{team_field}__in": found.team_ids})
