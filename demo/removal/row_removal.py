"""Deletes rows with everything that depends on them: traffic, requests and events, and counts them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.history import purge_rows
from accounts.models import HistoryEntry, User
from catalog.models import (
    Binding,
    Event,
    EventValue,
    ImportEntry,
    ListedValue,
    Version,
    VersionProperty,
    VersionSource,
)
from tracking.profiling.models import DailyProfile, ProfileDelta
from tracking.quality.models import Finding
from tracking.requests.models import Change, Delivery, PinnedEvent, Request, Verification
from tracking.traffic.models import (
    HourlyDistinctValue,
    InboxBatch,
    QuarantinedBatch,
    Rollup,
    RollupDelta,
    Sample,
    SeenName,
)

TRAFFIC_MODELS = (
    *(Finding, Sample, RollupDelta, Rollup, ProfileDelta, DailyProfile),
    *(HourlyDistinctValue, InboxBatch, QuarantinedBatch),
)

SEEN_NAME_MODELS = (Rollup, RollupDelta, Sample, Finding)

DeletionCounts = dict[str, int]


@dataclass
class Removal:
    """Deletes all traffic of `sources`, the `requests`, and the `events` with every change of one (ids of each).

    The caller holds the lock against the check. History keeps that `by` had rows purged that are written once, and why.
    """

    by: User
    reason: str
    sources: Sequence[int]
    events: Sequence[int]
    requests: Sequence[int]
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.versions = list(Version.objects.filter(event__in=self.events).values_list("pk", flat=True))

    @property
    def deletion_counts(self) -> DeletionCounts:
        """How many rows of which kind were deleted or changed so far."""
        return dict(sorted(self.counts.items()))

    def remove_traffic(self) -> None:
        """Remove what arrived from the sources, and names that nothing else brought."""
        seen_name_ids: set[int] = set()
        for named in SEEN_NAME_MODELS:
            seen_name_ids |= set(
                named.objects.filter(source__in=self.sources).values_list("seen_name", flat=True).distinct()
            )
        self.delete_history("finding", Finding.objects.filter(source__in=self.sources))
        for model in TRAFFIC_MODELS:
            self.delete(model.objects.filter(source__in=self.sources))
        # Counts and samples of other sources that were validated against a deleted version.
        for model in (Rollup, RollupDelta, Sample):
            self.delete(model.objects.filter(version__in=self.versions))
        is_still_used = [Exists(model.objects.filter(seen_name=OuterRef("pk"))) for model in SEEN_NAME_MODELS]
        self.delete(SeenName.objects.filter(*(~one for one in is_still_used), pk__in=seen_name_ids))

    def remove_requests(self, *, include_source_deliveries: bool) -> None:
        """Delete the requests, and from others their changes of a deleted event; an empty one is deleted too.

        `on_sources` lets the deliveries of others to the sources go as well, since these leave.
        """
        affected_requests = list(
            Request.objects.filter(Q(pk__in=self.requests) | Q(changes__event__in=self.events))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        removed_changes = list(
            Change.objects.filter(Q(request__in=self.requests) | Q(event__in=self.events)).values_list("pk", flat=True)
        )
        removed_sources = self.sources if include_source_deliveries else ()
        deliveries = Delivery.objects.filter(Q(change__in=removed_changes) | Q(source__in=removed_sources))
        for model in (Verification, PinnedEvent):
            self.purge(model.objects.filter(delivery__in=deliveries.values("pk")))
        self.delete_history("delivery", deliveries)
        self.delete(deliveries)
        Change.objects.filter(successor__in=self.events).update(successor=None)
        Change.objects.filter(base__in=self.versions).update(base=None)
        self.delete(Change.objects.filter(pk__in=removed_changes))
        requests = Request.objects.filter(Q(pk__in=self.requests) | Q(changes=None), pk__in=affected_requests)
        self.delete_history("request", requests)
        self.delete(requests)

    def remove_events(self) -> None:
        """Remove the events with their versions and bindings."""
        ImportEntry.objects.filter(event__in=self.events).update(event=None, version=None)
        self.delete(Binding.objects.filter(event__in=self.events))
        Event.objects.filter(pk__in=self.events).update(live_version=None, newest_version=None)
        Event.objects.filter(successor__in=self.events).update(successor=None)
        self.delete(VersionSource.objects.filter(version__in=self.versions))
        self.purge(VersionProperty.objects.filter(version__in=self.versions))
        # All at once: a version's parent is one of the same event.
        self.purge(Version.objects.filter(pk__in=self.versions))
        events = Event.objects.filter(pk__in=self.events)
        self.delete_history("event", events)
        self.delete(DailyProfile.objects.filter(event__in=self.events))
        values = EventValue.objects.filter(event__in=self.events)
        listed = list(values.values_list("value", flat=True).distinct())
        self.delete(values)
        self.delete(events)
        self.delete(ListedValue.objects.filter(pk__in=listed, events=None))

    def delete_history(self, subject: str, rows: QuerySet[Any]) -> None:
        """Delete the history of rows that will be deleted, and of their parts."""
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        self.purge(
            HistoryEntry.objects.filter(
                Q(subject_type=subject, subject_id__in=ids) | Q(parent_type=subject, parent_id__in=ids)
            )
        )

    def purge(self, rows: QuerySet[Any]) -> None:
        """Delete rows that are written once, and count them."""
        count = purge_rows(rows, by=self.by, reason=self.reason)
        self.add_count(str(rows.model._meta.verbose_name_plural), count)

    def delete(self, rows: QuerySet[Any]) -> None:
        """Delete rows and count them, cascaded ones included."""
        _total, by_model = rows.delete()
        for label, count in by_model.items():
            self.add_count(str(apps.get_model(label)._meta.verbose_name_plural), count)

    def add_count(self, what: str, count: int) -> None:
        """Add a line to the counts, unless it is zero."""
        if count:
            self.counts[what] += count
