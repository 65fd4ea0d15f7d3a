"""Rows leave with all that hangs on them: traffic, requests and events, counted on a receipt."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import HistoryEntry
from catalog.models import Binding, Event, ImportEntry, Version
from tracking.quality.models import Finding
from tracking.requests.models import Change, Delivery, PinnedEvent, Request, Verification
from tracking.traffic.models import (
    HourEntry,
    InboxBatch,
    QuarantinedBatch,
    Rollup,
    RollupDelta,
    Sample,
    SeenId,
    SeenName,
)

ARRIVED = (Finding, Sample, RollupDelta, Rollup, SeenId, HourEntry, InboxBatch, QuarantinedBatch)

NAMING = (Rollup, RollupDelta, Sample, Finding)

Receipt = dict[str, int]


@dataclass
class Removal:
    """What goes: all traffic of `sources`, the `requests`, and the `events` with every change of one (ids of each).

    Whoever carries it out holds the flag that lets protected rows go, and the lock against the check.
    """

    sources: Sequence[int]
    events: Sequence[int]
    requests: Sequence[int]
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.versions = list(Version.objects.filter(event__in=self.events).values_list("pk", flat=True))

    @property
    def receipt(self) -> Receipt:
        """How many rows of what went or changed so far."""
        return dict(sorted(self.counts.items()))

    def remove_traffic(self) -> None:
        """Remove what arrived from the sources, and names that nothing else brought."""
        named: set[int] = set()
        for naming in NAMING:
            named |= set(naming.objects.filter(source__in=self.sources).values_list("seen_name", flat=True).distinct())
        self.forget("finding", Finding.objects.filter(source__in=self.sources))
        for arrived in ARRIVED:
            self.delete(arrived.objects.filter(source__in=self.sources))
        # Counts and samples of other sources that were held against a version which goes.
        for held in (Rollup, RollupDelta, Sample):
            self.delete(held.objects.filter(version__in=self.versions))
        kept = [Exists(naming.objects.filter(seen_name=OuterRef("pk"))) for naming in NAMING]
        self.delete(SeenName.objects.filter(*(~one for one in kept), pk__in=named))

    def remove_requests(self, *, on_sources: bool) -> None:
        """Remove the requests, and from others their changes of an event that goes; an empty one goes too.

        `on_sources` lets the deliveries of others to the sources go as well, since these leave.
        """
        touched = list(
            Request.objects.filter(Q(pk__in=self.requests) | Q(changes__event__in=self.events))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        gone = list(
            Change.objects.filter(Q(request__in=self.requests) | Q(event__in=self.events)).values_list("pk", flat=True)
        )
        leaving = self.sources if on_sources else ()
        deliveries = Delivery.objects.filter(Q(change__in=gone) | Q(source__in=leaving))
        for signed in (Verification, PinnedEvent):
            self.delete(signed.objects.filter(delivery__in=deliveries.values("pk")))
        self.forget("delivery", deliveries)
        self.delete(deliveries)
        Change.objects.filter(successor__in=self.events).update(successor=None)
        Change.objects.filter(base__in=self.versions).update(base=None)
        self.delete(Change.objects.filter(pk__in=gone))
        requests = Request.objects.filter(Q(pk__in=self.requests) | Q(changes=None), pk__in=touched)
        self.forget("request", requests)
        self.delete(requests)

    def remove_events(self) -> None:
        """Remove the events with their versions and bindings."""
        ImportEntry.objects.filter(event__in=self.events).update(event=None, version=None)
        self.delete(Binding.objects.filter(event__in=self.events))
        Event.objects.filter(pk__in=self.events).update(live_version=None, newest_version=None)
        Event.objects.filter(successor__in=self.events).update(successor=None)
        Version.objects.filter(pk__in=self.versions).update(parent=None)
        self.delete(Version.objects.filter(pk__in=self.versions))
        events = Event.objects.filter(pk__in=self.events)
        self.forget("event", events)
        self.delete(events)

    def forget(self, subject: str, rows: QuerySet[Any]) -> None:
        """Delete the history of rows that are about to go, and of their parts."""
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        self.delete(
            HistoryEntry.objects.filter(
                Q(subject_type=subject, subject_id__in=ids) | Q(parent_type=subject, parent_id__in=ids)
            )
        )

    def delete(self, rows: QuerySet[Any]) -> None:
        """Delete rows and count them, with those that go along."""
        _total, by_model = rows.delete()
        for label, count in by_model.items():
            self.count(str(apps.get_model(label)._meta.verbose_name_plural), count)

    def count(self, what: str, count: int) -> None:
        """Put a line on the receipt, where there is something to tell."""
        if count:
            self.counts[what] += count
