"""The data of the tour's page, computed once for each request."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from accounts.models import User
from accounts.permissions import can
from accounts.preconditions import UnmetCondition
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.code_snippets.snippets import Snippet, generate_snippets
from catalog.contract import (
    Difference,
    PropertyStatistics,
    compile_contract,
    diff,
    infer_definition,
    list_properties,
)
from catalog.models import Event
from catalog.name_suggestions import suggest_events
from catalog.resolution.null_handling import null_handling_of
from catalog.services.property_library import differs_from_library, library_entries_for
from catalog.services.write_keys import current_key
from tour.tour_accounts import DemoAccount, demo_accounts
from tour.tour_messages import Message, current_message
from tour.tour_state import TourState
from tour.tour_steps import (
    BROKEN_VERSION,
    CHAPTERS,
    FIXED_VERSION,
    HELLO_EVENT,
    ORDER_COMPLETED,
    PRODUCT_LIKED,
    TOUR_STEPS,
    StepId,
    TourStep,
    step_by_id,
)
from tracking.requests.choices import RequestState
from tracking.requests.evidence.samples.sample_dry_run import SampleDryRun, dry_run_samples, event_from_sample
from tracking.requests.evidence.summaries import production_evidence
from tracking.requests.evidence.thresholds import threshold_for_delivery
from tracking.requests.pages.presenters.stepper import build_stepper
from tracking.requests.workflow.available_steps import automatic_step_blockers
from tracking.traffic.check.property_checks import PropertyCheck, property_checks_of_sample
from tracking.traffic.models import Sample

MAX_SAMPLES = 200


@dataclass
class TourPresenter:
    """The tour's page data for one visitor."""

    state: TourState
    user: User
    host: str
    unmet_conditions: Sequence[UnmetCondition] = ()
    raw_values: dict[str, str] = field(default_factory=dict)

    @cached_property
    def current_step_id(self) -> StepId:
        return self.state.current_step_id

    @property
    def step(self) -> TourStep:
        return step_by_id(self.current_step_id)

    @property
    def broken_version(self) -> str:
        return BROKEN_VERSION

    @property
    def fixed_version(self) -> str:
        return FIXED_VERSION

    @property
    def lacks_production_events(self) -> bool:
        """Whether production runs the new version and no event of it has arrived: sending failed."""
        delivery = self.state.delivery
        return (
            self.current_step_id == StepId.PROVE and delivery is not None and production_evidence(delivery).events == 0
        )

    @property
    def number(self) -> int:
        return TOUR_STEPS.index(self.step) + 1

    @property
    def total(self) -> int:
        return len(TOUR_STEPS)

    @property
    def chapters(self) -> list[dict[str, str]]:
        """The chapters as steps of the stepper part."""
        at = CHAPTERS.index(self.step.chapter)
        states = ["done" if index < at else "current" if index == at else "todo" for index in range(len(CHAPTERS))]
        return [{"label": label, "state": state} for label, state in zip(CHAPTERS, states, strict=True)]

    @cached_property
    def accounts(self) -> list[DemoAccount]:
        return demo_accounts(self.user)

    @property
    def current_account(self) -> DemoAccount | None:
        """Whoever is signed in."""
        return next((player for player in self.accounts if player.is_signed_in), None)

    @property
    def next_account(self) -> DemoAccount | None:
        """Whose turn it is, where that is somebody else's."""
        return next(
            (each for each in self.accounts if each.account == self.step.account and not each.is_signed_in), None
        )

    @cached_property
    def message(self) -> Message:
        """What just happened."""
        return current_message(self.state, self.current_step_id)

    @cached_property
    def can_view_samples(self) -> bool:
        return bool(can(self.user, Capability.SAMPLES_VIEW, on=self.state.shop))

    @property
    def recent_samples(self) -> list[Sample]:
        return self.state.recent_samples if self.can_view_samples else []

    @property
    def newest(self) -> Sample | None:
        """The event that came last: the one to look at."""
        return self.recent_samples[0] if self.recent_samples else None

    @cached_property
    def property_checks(self) -> list[PropertyCheck]:
        """Its properties, expected against received, without optional ones that did not arrive."""
        return (
            [side for side in property_checks_of_sample(self.newest) if side.state != "absent"] if self.newest else []
        )

    @property
    def failed_checks(self) -> list[PropertyCheck]:
        return [side for side in self.property_checks if side.state in ("wrong", "missing")]

    @property
    def passed_checks(self) -> list[PropertyCheck]:
        return [side for side in self.property_checks if side.state not in ("wrong", "missing")]

    @property
    def shows_finding(self) -> bool:
        """Whether what just arrived is what the finding is about."""
        is_broken = (
            self.newest is not None and self.newest.seen_name.name == ORDER_COMPLETED and bool(self.newest.violations)
        )
        return self.state.finding is not None and (is_broken or self.current_step_id == StepId.LIKE)

    @cached_property
    def finding_event(self) -> Event | None:
        """The event that the finding is about."""
        return Event.objects.named("track", ORDER_COMPLETED).first()

    @cached_property
    def liked_samples(self) -> list[Sample]:
        """The newest taps on the heart outside production."""
        if self.state.liked_name is None:
            return []
        rows = Sample.objects.filter(source=self.state.shop, seen_name=self.state.liked_name)
        rows = rows.exclude(environment=Environment.PRODUCTION).select_related("seen_name")
        return list(rows.order_by("-id")[:MAX_SAMPLES])

    @cached_property
    def evidence(self) -> tuple[PropertyStatistics, ...]:
        """What the taps showed of each property."""
        events = [event_from_sample(sample) for sample in self.liked_samples]
        return infer_definition(events).statistics if events else ()

    @cached_property
    def library_properties(self) -> set[str]:
        """The properties that say what the library says of their names."""
        if self.state.change is None:
            return set()
        lines = {line.name: line for line in list_properties(self.state.change.definition) if line.depth == 0}
        library = library_entries_for(self.state.change.definition)
        return {name for name in lines.keys() & library.keys() if not differs_from_library(lines[name], library[name])}

    @cached_property
    def most_similar_event(self) -> Event | None:
        """The event whose name is most like the heart's."""
        return next((event for event in suggest_events(PRODUCT_LIKED, limit=3) if event.name != PRODUCT_LIKED), None)

    @cached_property
    def differences(self) -> list[Difference]:
        """What the request would write into the catalog, against nothing."""
        if self.state.change is None:
            return []
        definition = self.state.change.definition
        empty_definition = {key: definition[key] for key in ("name", "call", "kind") if key in definition}
        return diff(empty_definition | {"schema": {"type": "object", "properties": {}}}, definition)

    @cached_property
    def replay(self) -> SampleDryRun | None:
        """The verdicts of the received taps under the definition."""
        change = self.state.change
        if change is None or not change.has_valid_definition:
            return None
        shop = self.state.shop
        contract = compile_contract(change.definition, source=shop.slug, nulls=null_handling_of(shop))
        return dry_run_samples(contract, self.liked_samples)

    @property
    def shows_progress(self) -> bool:
        """Whether the request is on its way: before and after, the tour's own chapters say enough."""
        request = self.state.request
        return (
            request is not None
            and request.state != RequestState.DRAFT
            and self.current_step_id not in (StepId.READ, StepId.YOURS)
        )

    @property
    def shows_event(self) -> bool:
        """Whether what everybody will read is shown: at its stop, and later where a second walk passed that over."""
        own, delivery = self.state.own_source, self.state.delivery
        if self.current_step_id != StepId.YOURS or own is None or delivery is None or delivery.live_at is None:
            return self.current_step_id == StepId.READ
        return own.created_at < delivery.live_at

    @cached_property
    def stages(self) -> list[dict[str, str]]:
        """The way of the request."""
        return build_stepper(self.state.request).as_template_items() if self.state.request else []

    @cached_property
    def snippet(self) -> Snippet | None:
        """The code that sends the heart's event from the shop."""
        if self.state.change is None or not self.state.change.has_valid_definition:
            return None
        key = current_key(self.state.shop, Environment.STAGING)
        all_snippets = generate_snippets(
            self.state.change.definition, self.state.shop, key.key if key else "", host=self.host
        )
        return all_snippets[0]

    @cached_property
    def proof_progress(self) -> list[tuple[str, int, int]]:
        """How far the proof has come: what, how many there are, how many it takes."""
        delivery = self.state.delivery
        if delivery is None or self.current_step_id != StepId.PROVE:
            return []
        threshold, evidence = threshold_for_delivery(delivery), production_evidence(delivery)
        return [
            ("Events", evidence.events, threshold.events),
            ("People", evidence.ids, threshold.ids),
        ]

    @cached_property
    def blocked_by(self) -> list[UnmetCondition]:
        """The conditions that still block it from going live."""
        return (
            automatic_step_blockers(self.state.delivery)
            if self.state.delivery and self.current_step_id == StepId.PROVE
            else []
        )

    @cached_property
    def own_key(self) -> str:
        """The development key of the visitor's own source."""
        key = current_key(self.state.own_source, Environment.DEVELOPMENT) if self.state.own_source else None
        return key.key if key else ""

    @cached_property
    def own_snippets(self) -> list[Snippet]:
        """How each SDK sends to the visitor's own source; the line for a shell first."""
        if self.state.own_source is None:
            return []
        written = generate_snippets(HELLO_EVENT, self.state.own_source, self.own_key, host=self.host)
        return sorted(written, key=lambda snippet: snippet.slug != "curl")

    @property
    def own_recent_samples(self) -> list[Sample]:
        """What came from the visitor's own app."""
        return self.state.own_recent_samples if self.can_view_samples else []

    @cached_property
    def step_etag(self) -> str:
        """A short text that differs as soon as there is something else to do, or for somebody else."""
        request, measure = self.state.request, self.state.staging_evidence
        parts: list[Any] = [
            self.current_step_id,
            self.state.is_taken,
            self.user.pk,
            self.state.version,
            request and (request.pk, request.state),
        ]
        if self.current_step_id == StepId.SIGN and measure:
            parts += [measure.conforming, measure.nonconforming]
        if self.current_step_id == StepId.APPROVE:
            parts.append(len(self.liked_samples))
        return _digest(
            parts, self.proof_progress, bool(self.blocked_by), self.own_recent_samples and self.own_recent_samples[0].pk
        )

    @cached_property
    def arrivals_etag(self) -> str:
        """A short text that differs as soon as something else arrived, or is shown of it."""
        finding = self.state.finding
        parts = [
            self.current_step_id,
            self.can_view_samples,
            self.state.waiting,
            self.newest and self.newest.pk,
            finding and (finding.pk, finding.count),
        ]
        return _digest(parts, [sample.pk for sample in self.own_recent_samples])


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
