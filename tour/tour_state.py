"""The state of the tour, derived from rows that the ordinary services wrote. Nothing else is stored."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Sum
from django.utils import timezone

from catalog.choices import Call, Environment
from catalog.contract.name_normalization import name_hash
from catalog.models import Deploy, Event, Source
from demo.company import POCKET_SHOP
from tour.tour_steps import BROKEN_VERSION, FIXED_VERSION, ORDER_COMPLETED, PRODUCT_ADDED, PRODUCT_LIKED, StepId
from tracking.quality.models import Finding
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.evidence.summaries import EvidenceSummary, staging_evidence
from tracking.requests.models import Change, Delivery, Request
from tracking.traffic.models import InboxBatch, Sample, SeenName

STAGING, PRODUCTION = Environment.STAGING, Environment.PRODUCTION
OWN_SLUG = "your-app"
NOT_ENDED_REQUEST_STATES = (
    RequestState.DRAFT,
    RequestState.REQUESTED,
    RequestState.REVIEWED,
    RequestState.DEVELOPED,
    RequestState.TESTED,
    RequestState.LIVE,
)
BUILT_DELIVERY_STATES = (DeliveryState.DEVELOPED, DeliveryState.TESTED, DeliveryState.LIVE)
CHECK_DEADLINE = timedelta(seconds=4)
VERIFIED_DELIVERY_STATES = (DeliveryState.TESTED, DeliveryState.LIVE)


@dataclass
class TourState:
    """The state of the tour; each part is queried once, and only when used."""

    @cached_property
    def shop(self) -> Source:
        """The tour's shop. The tour's pages are not there without it."""
        return Source.objects.select_related("owner_team").get(slug=POCKET_SHOP, is_sample=True)

    @cached_property
    def own_source(self) -> Source | None:
        """The visitor's own source, once they have made it."""
        return Source.objects.select_related("owner_team").filter(slug=OWN_SLUG).first()

    @cached_property
    def own_recent_samples(self) -> list[Sample]:
        """The newest events of the visitor's own app, newest first."""
        return recent_samples(self.own_source) if self.own_source is not None else []

    @cached_property
    def deployed_versions(self) -> set[tuple[str, str]]:
        """Every (environment, version) that was deployed."""
        return set(Deploy.objects.filter(source=self.shop).values_list("environment", "version"))

    @cached_property
    def version(self) -> str:
        """The version that the shop runs in staging: that of the newest marker."""
        rows = Deploy.objects.filter(source=self.shop, environment=STAGING).order_by("-at", "-pk")
        return rows.values_list("version", flat=True).first() or ""

    @cached_property
    def recent_samples(self) -> list[Sample]:
        """The newest events of the shop, newest first."""
        return recent_samples(self.shop)

    @cached_property
    def arrived_names(self) -> set[str]:
        """The names that came from staging."""
        rows = SeenName.objects.filter(samples__source=self.shop, samples__environment=STAGING)
        return set(
            rows.filter(name__in=(PRODUCT_ADDED, ORDER_COMPLETED, PRODUCT_LIKED))
            .values_list("name", flat=True)
            .distinct()
        )

    @cached_property
    def finding(self) -> Finding | None:
        """What the bug made of orders."""
        rows = Finding.objects.filter(
            source=self.shop, environment=STAGING, seen_name__name=ORDER_COMPLETED, rule="type"
        )
        return rows.with_list_data().order_by("-last_seen").first()

    @cached_property
    def liked_name(self) -> SeenName | None:
        """The name of the heart's event, as traffic brought it."""
        return SeenName.objects.filter(call=Call.TRACK, name_hash=name_hash(PRODUCT_LIKED)).first()

    @cached_property
    def change(self) -> Change | None:
        """What asks for the heart's event to be defined, while somebody does."""
        rows = Change.objects.filter(
            action=ChangeAction.CREATE, sources=self.shop, request__state__in=NOT_ENDED_REQUEST_STATES
        )
        rows = rows.select_related("request__author", "request__owner", "event", "version")
        return rows.filter(definition__name=PRODUCT_LIKED).order_by("-id").first()

    @cached_property
    def waiting(self) -> int:
        """How many events of the two apps have waited longer for the check than they should."""
        late = InboxBatch.objects.filter(source__in=[self.shop, *([self.own_source] if self.own_source else [])])
        rows = late.filter(received_at__lt=timezone.now() - CHECK_DEADLINE)
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
    def staging_evidence(self) -> EvidenceSummary | None:
        """What came of the heart's event since it was built."""
        return (
            staging_evidence(self.delivery) if self.delivery and self.delivery.state in BUILT_DELIVERY_STATES else None
        )

    @property
    def is_taken(self) -> bool:
        """Whether the heart's event is in the catalog by another way than the tour's, which then leads nowhere."""
        is_dropped = self.delivery is not None and self.delivery.state == DeliveryState.DROPPED
        return is_dropped or (self.change is None and Event.objects.named(Call.TRACK, PRODUCT_LIKED).exists())

    @property
    def event(self) -> Event | None:
        return self.change.event if self.change else None

    @property
    def current_step_id(self) -> StepId:
        """The first stop whose thing is not done yet."""
        return next((stop for stop, is_done in self._step_completion() if not is_done), StepId.YOURS)

    def _step_completion(self) -> list[tuple[StepId, bool]]:
        request, delivery = self.request, self.delivery
        state = delivery.state if delivery else ""
        is_approved = request is not None and request.state not in (RequestState.DRAFT, RequestState.REQUESTED)
        return [
            (StepId.ADD, PRODUCT_ADDED in self.arrived_names),
            (StepId.BREAK, bool({(STAGING, BROKEN_VERSION), (STAGING, FIXED_VERSION)} & self.deployed_versions)),
            (StepId.BUY, self.finding is not None or (STAGING, FIXED_VERSION) in self.deployed_versions),
            (StepId.LIKE, PRODUCT_LIKED in self.arrived_names),
            (StepId.PROPOSE, request is not None),
            (StepId.SUBMIT, request is not None and request.state != RequestState.DRAFT),
            (StepId.APPROVE, is_approved),
            (StepId.STAGE, state in BUILT_DELIVERY_STATES and (STAGING, FIXED_VERSION) in self.deployed_versions),
            (
                StepId.AGAIN,
                state in VERIFIED_DELIVERY_STATES or bool(self.staging_evidence and self.staging_evidence.conforming),
            ),
            (StepId.SIGN, state in VERIFIED_DELIVERY_STATES),
            (StepId.SHIP, state == DeliveryState.LIVE or (PRODUCTION, FIXED_VERSION) in self.deployed_versions),
            (StepId.PROVE, state == DeliveryState.LIVE),
            (StepId.READ, self.own_source is not None),
        ]


def recent_samples(source: Source, *, limit: int = 8) -> list[Sample]:
    """Return the newest events of a source from all environments, newest first (one query)."""
    return list(Sample.objects.filter(source=source).select_related("seen_name", "version").newest_first()[:limit])
