"""The demo company leaves: every sample goes, with all that hangs on it; what people made themselves stays."""

from collections import Counter
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.history import purging
from accounts.models import HistoryEntry, User
from accounts.services import deactivate
from catalog.models import (
    Binding,
    Category,
    Event,
    ImportEntry,
    Property,
    Source,
    Tag,
    Version,
    VersionProperty,
    VersionSource,
)
from demo.company import PEOPLE
from demo.dictionary import CATEGORIES, EVENTS
from demo.loading import lock
from demo.story import REQUESTS
from tracking.quality.models import Finding
from tracking.requests.models import Change, Delivery, Request, Verification
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


def purge_company() -> Receipt:
    """Remove every sample and what depends on one, and return how many rows of what went or changed.

    A request of people's own loses its changes of sample events, and goes where nothing is left of it; an event of
    their own loses its ties to sample sources. A library entry that such an event uses becomes theirs. Accounts and
    teams stay, since people are never deleted; colleagues whom nobody can sign in as are deactivated.
    """
    with purging(by=User.objects.system(), reason="The demo company is removed."):
        lock()
        return _Purge().run()


class _Purge:
    def __init__(self) -> None:
        self.receipt: Counter[str] = Counter()
        self.sources = list(Source.objects.filter(is_sample=True).values_list("pk", flat=True))
        self.events = list(Event.objects.filter(is_sample=True).values_list("pk", flat=True))
        self.versions = list(Version.objects.filter(event__in=self.events).values_list("pk", flat=True))

    def run(self) -> Receipt:
        self._traffic()
        self._requests()
        self._catalog()
        self._library()
        self._sources()
        self._shelves()
        self._colleagues()
        return dict(sorted(self.receipt.items()))

    def _traffic(self) -> None:
        named: set[int] = set()
        for naming in NAMING:
            named |= set(naming.objects.filter(source__in=self.sources).values_list("seen_name", flat=True).distinct())
        self._forget("finding", Finding.objects.filter(source__in=self.sources))
        for arrived in ARRIVED:
            self._delete(arrived.objects.filter(source__in=self.sources))
        # Counts and samples of people's own sources that were held against a version which goes.
        for held in (Rollup, RollupDelta, Sample):
            self._delete(held.objects.filter(version__in=self.versions))
        kept = [Exists(naming.objects.filter(seen_name=OuterRef("pk"))) for naming in NAMING]
        self._delete(SeenName.objects.filter(*(~one for one in kept), pk__in=named))

    def _requests(self) -> None:
        touched = list(
            Request.objects.filter(Q(is_sample=True) | Q(changes__event__in=self.events)).values_list("pk", flat=True)
        )
        changes = Change.objects.filter(Q(request__is_sample=True) | Q(event__in=self.events))
        gone = list(changes.values_list("pk", flat=True))
        deliveries = Delivery.objects.filter(Q(change__in=gone) | Q(source__in=self.sources))
        self._delete(Verification.objects.filter(delivery__in=deliveries.values("pk")))
        self._forget("delivery", deliveries)
        self._delete(deliveries)
        Change.objects.filter(successor__in=self.events).update(successor=None)
        Change.objects.filter(base__in=self.versions).update(base=None)
        self._delete(Change.objects.filter(pk__in=gone))
        requests = Request.objects.filter(Q(is_sample=True) | Q(changes=None), pk__in=touched)
        self._forget("request", requests)
        self._delete(requests)

    def _catalog(self) -> None:
        ImportEntry.objects.filter(event__in=self.events).update(event=None, version=None)
        self._delete(Binding.objects.filter(Q(event__in=self.events) | Q(source__in=self.sources)))
        self._delete(VersionSource.objects.filter(source__in=self.sources))
        Event.objects.filter(pk__in=self.events).update(live_version=None, newest_version=None)
        Event.objects.filter(successor__in=self.events).update(successor=None)
        Version.objects.filter(pk__in=self.versions).update(parent=None)
        self._delete(Version.objects.filter(pk__in=self.versions))
        events = Event.objects.filter(pk__in=self.events)
        self._forget("event", events)
        self._delete(events)

    def _library(self) -> None:
        samples = Property.objects.filter(is_sample=True)
        used = samples.filter(Exists(VersionProperty.objects.filter(property=OuterRef("pk"))))
        self._count("library entries kept, since events of your own use them", used.update(is_sample=False))
        self._forget("property", samples)
        self._delete(samples)

    def _sources(self) -> None:
        sources = Source.objects.filter(pk__in=self.sources)
        self._forget("source", sources)
        self._delete(sources)

    def _shelves(self) -> None:
        requested = [entry.event for entry in REQUESTS if entry.event is not None]
        tags = {tag for entry in (*EVENTS, *requested) for tag in entry.tags}
        self._delete(Tag.objects.filter(slug__in=tags, events=None))
        self._delete(Category.objects.filter(slug__in=[shelf.slug for shelf in CATEGORIES], events=None, children=None))

    def _colleagues(self) -> None:
        invented = [entry.username for entry in PEOPLE if not entry.account]
        for person in User.objects.filter(username__in=invented, is_active=True):
            deactivate(person, by=User.objects.system(), message="The demo company was removed.")
            self._count("people deactivated", 1)

    def _forget(self, subject: str, rows: QuerySet[Any]) -> None:
        """Delete the history of rows that are about to go, and of their parts."""
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        self._delete(
            HistoryEntry.objects.filter(
                Q(subject_type=subject, subject_id__in=ids) | Q(parent_type=subject, parent_id__in=ids)
            )
        )

    def _delete(self, rows: QuerySet[Any]) -> None:
        _total, by_model = rows.delete()
        for label, count in by_model.items():
            self._count(str(apps.get_model(label)._meta.verbose_name_plural), count)

    def _count(self, what: str, count: int) -> None:
        if count:
            self.receipt[what] += count
