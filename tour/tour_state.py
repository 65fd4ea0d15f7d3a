"""What stands of the tour now, read from the rows that the ordinary services wrote. Nothing else is remembered."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Sum
from django.utils import timezone

from catalog.choices import Call, Environment
from catalog.contract.name_normalization import name_hash
from catalog.models import Deploy, Event, Source
from demo.company import POCKET
from tour.tour_steps import ADDED, BOUGHT, BROKEN, LIKED, MENDED, Stop
from tracking.quality.models import Finding
from tracking.requests.choices import Action, DeliveryState, State
from tracking.requests.evidence.summaries import Measure, tested_by
from tracking.requests.models import Change, Delivery, Request
from tracking.traffic.models import InboxBatch, Sample, SeenName

STAGING, PRODUCTION = Environment.STAGING, Environment.PRODUCTION
OWN_SLUG = "your-app"
OPEN = (State.DRAFT, State.REQUESTED, State.REVIEWED, State.DEVELOPED, State.TESTED, State.LIVE)
BUILT = (DeliveryState.DEVELOPED, DeliveryState.TESTED, DeliveryState.LIVE)
SOON = timedelta(seconds=4)
VERIFIED = (DeliveryState.TESTED, DeliveryState.LIVE)


@dataclass
class World:
    """The tour as it stands; each part is asked for once, and only where somebody looks."""

    @cached_property
    def shop(self) -> Source:
        """The tour's shop. The tour's pages are not there without it."""
        return Source.objects.select_related("owner_team").get(slug=POCKET, is_sample=True)

    @cached_property
    def own(self) -> Source | None:
        """The visitor's own source, once they have made it."""
        return Source.objects.select_related("owner_team").filter(slug=OWN_SLUG).first()

    @cached_property
    def own_arrivals(self) -> list[Sample]:
        """The newest events of the visitor's own app, newest first."""
        return arrivals_of(self.own) if self.own is not None else []

    @cached_property
    def deployed(self) -> set[tuple[str, str]]:
        """Every (environment, version) that was deployed."""
        return set(Deploy.objects.filter(source=self.shop).values_list("environment", "version"))

    @cached_property
    def version(self) -> str:
        """The version that the shop runs in staging: that of the newest marker."""
        rows = Deploy.objects.filter(source=self.shop, environment=STAGING).order_by("-at", "-pk")
        return rows.values_list("version", flat=True).first() or ""

    @cached_property
    def arrivals(self) -> list[Sample]:
        """The newest events of the shop, newest first."""
        return arrivals_of(self.shop)

    @cached_property
    def arrived(self) -> set[str]:
        """The names that came from staging."""
        rows = SeenName.objects.filter(samples__source=self.shop, samples__environment=STAGING)
        return set(rows.filter(name__in=(ADDED, BOUGHT, LIKED)).values_list("name", flat=True).distinct())

    @cached_property
    def finding(self) -> Finding | None:
        """What the bug made of orders."""
        rows = Finding.objects.filter(source=self.shop, environment=STAGING, seen_name__name=BOUGHT, rule="type")
        return rows.with_list_data().order_by("-last_seen").first()

    @cached_property
    def liked(self) -> SeenName | None:
        """The name of the heart's event, as traffic brought it."""
        return SeenName.objects.filter(call=Call.TRACK, name_hash=name_hash(LIKED)).first()

    @cached_property
    def change(self) -> Change | None:
        """What asks for the heart's event to be defined, while somebody does."""
        rows = Change.objects.filter(action=Action.CREATE, sources=self.shop, request__state__in=OPEN)
        rows = rows.select_related("request__author", "request__owner", "event", "version")
        return rows.filter(definition__name=LIKED).order_by("-id").first()

    @cached_property
    def waiting(self) -> int:
        """How many events of the two apps have waited longer for the check than they should."""
        late = InboxBatch.objects.filter(source__in=[self.shop, *([self.own] if self.own else [])])
        rows = late.filter(received_at__lt=timezone.now() - SOON)
        return rows.aggregate(total=Sum("event_count"))["total"] or 0

    @property
    def request(self) -> Request | None:
        return self.change.request if self.change else None

    @cached_property
    def delivery(self) -> Delivery | None:
        """The delivery of the heart's event to the shop."""
        if self.change is None:
            return None
        rows = Delivery.objects.with_list_data().select_related("change__version__parent")
        return rows.filter(change=self.change, source=self.shop).first()

    @cached_property
    def measure(self) -> Measure | None:
        """What came of the heart's event since it was built."""
        return tested_by(self.delivery) if self.delivery and self.delivery.state in BUILT else None

    @property
    def is_taken(self) -> bool:
        """Whether the heart's event is in the catalog by another way than the tour's, which then leads nowhere."""
        is_dropped = self.delivery is not None and self.delivery.state == DeliveryState.DROPPED
        return is_dropped or (self.change is None and Event.objects.named(Call.TRACK, LIKED).exists())

    @property
    def event(self) -> Event | None:
        return self.change.event if self.change else None

    @property
    def stop(self) -> Stop:
        """The first stop whose thing is not done yet."""
        return next((stop for stop, is_done in self._done() if not is_done), Stop.YOURS)

    def _done(self) -> list[tuple[Stop, bool]]:
        request, delivery = self.request, self.delivery
        state = delivery.state if delivery else ""
        is_approved = request is not None and request.state not in (State.DRAFT, State.REQUESTED)
        return [
            (Stop.ADD, ADDED in self.arrived),
            (Stop.BREAK, bool({(STAGING, BROKEN), (STAGING, MENDED)} & self.deployed)),
            (Stop.BUY, self.finding is not None or (STAGING, MENDED) in self.deployed),
            (Stop.LIKE, LIKED in self.arrived),
            (Stop.PROPOSE, request is not None),
            (Stop.SUBMIT, request is not None and request.state != State.DRAFT),
            (Stop.APPROVE, is_approved),
            (Stop.STAGE, state in BUILT and (STAGING, MENDED) in self.deployed),
            (Stop.AGAIN, state in VERIFIED or bool(self.measure and self.measure.conforming)),
            (Stop.SIGN, state in VERIFIED),
            (Stop.SHIP, state == DeliveryState.LIVE or (PRODUCTION, MENDED) in self.deployed),
            (Stop.PROVE, state == DeliveryState.LIVE),
            (Stop.READ, self.own is not None),
        ]


def arrivals_of(source: Source, *, limit: int = 8) -> list[Sample]:
    """Return the newest events of a source from all environments, newest first (one query)."""
    return list(Sample.objects.filter(source=source).select_related("seen_name", "version").newest_first()[:limit])
