"""The QA console of one delivery: what should arrive, what does, and expected beside received."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from accounts.models import User
from accounts.permissions import can
from accounts.roles import Capability
from catalog.contract import PropertyLine, Severity, Verdict, for_source, properties_of
from catalog.contract.json.pointers import UNKNOWN
from tracking.requests.choices import DeliveryState, Stage
from tracking.requests.evidence.delivery_app_version import Short, short_of
from tracking.requests.evidence.samples.candidate_verdict import HIDDEN, second_verdict
from tracking.requests.evidence.samples.change_seen_names import seen_names
from tracking.requests.evidence.samples.sample_identity import hash_of, person_in
from tracking.requests.evidence.summaries import OUTSIDE, Measure, lit_by, needed_properties, tested_by
from tracking.requests.models import Delivery, EvidenceId
from tracking.requests.pages.presenters.available_actions import Offers, offers_of_delivery
from tracking.requests.pages.presenters.evidence_ids import SeenId, seen_ids, signed_words
from tracking.traffic.check.property_checks import LINES_SHOWN, Side, label_of, sides
from tracking.traffic.models import Sample

ARRIVALS_SHOWN = 50
IDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that arrived, as it stands to the delivery's version.

    `is_since` where it is no repeat and came since the delivery was developed; `short` where its app version does not
    reach the delivery's. It counts as the evidence counts it.
    """

    sample: Sample
    verdict: str
    violations: Sequence[dict[str, Any]]
    person: str
    is_since: bool
    short: Short | None

    @property
    def counts(self) -> bool:
        return self.is_since and self.short is None

    @property
    def error_count(self) -> int:
        return sum(1 for found in self.violations if found.get("severity") == Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Expected:
    """A property that should arrive: `state` is ok, errors or missing; `is_needed` where the change touches it."""

    line: PropertyLine
    label: str
    state: str
    is_needed: bool


@dataclass
class Console:
    """Everything on the QA page of a delivery, worked out once, when it is asked for."""

    delivery: Delivery
    user: User
    chosen: int | None = None
    lines: list[PropertyLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.delivery.change.version is not None:
            document = for_source(self.delivery.change.version.definition, self.delivery.source.slug)
            self.lines = properties_of(document)[:LINES_SHOWN]

    @property
    def is_waiting(self) -> bool:
        """Whether more events may still change what is said here."""
        return self.delivery.state in (DeliveryState.REVIEWED, DeliveryState.DEVELOPED)

    @cached_property
    def may_look(self) -> bool:
        return bool(can(self.user, Capability.SAMPLES_VIEW))

    @cached_property
    def offers(self) -> Offers:
        return offers_of_delivery(self.delivery, self.user)

    @cached_property
    def measure(self) -> Measure:
        """What the evidence comes to; before it is developed, what has come since it was approved."""
        return lit_by(self.delivery) if self.delivery.state == DeliveryState.REVIEWED else tested_by(self.delivery)

    @cached_property
    def arrivals(self) -> list[Arrival]:
        """The newest events outside production, newest first; none for whoever may not look at samples."""
        if not self.may_look:
            return []
        rows = (
            Sample.objects.filter(
                source=self.delivery.source, environment__in=OUTSIDE, seen_name__in=seen_names(self.delivery.change)
            )
            .select_related("seen_name")
            .order_by("-id")[:ARRIVALS_SHOWN]
        )
        return [self._arrival(sample) for sample in rows]

    @cached_property
    def selected(self) -> Arrival | None:
        """The event that was chosen, while it is among the newest; else the newest."""
        found = next((arrival for arrival in self.arrivals if arrival.sample.pk == self.chosen), None)
        return found or (self.arrivals[0] if self.arrivals else None)

    @cached_property
    def failed(self) -> Arrival | None:
        """The event that goes with the delivery when it is sent back: the one that was chosen, of those that came since
        it was developed, else the newest that failed, of those that count.

        The chosen one need not count: that it came from the wrong app version may be what it shows.
        """
        since = [arrival for arrival in self.arrivals if arrival.is_since]
        chosen = next((arrival for arrival in since if arrival.sample.pk == self.chosen), None)
        failed = (each for each in since if each.counts and each.verdict not in (Verdict.CONFORMING, HIDDEN))
        return chosen or next(failed, None)

    @cached_property
    def checklist(self) -> list[Expected]:
        """Every property of the version: seen in a conforming event, seen with errors, or not seen."""
        needed = set(needed_properties(self.delivery))
        broken = Counter(
            str(found.get("definition_path"))
            for arrival in self.arrivals
            if arrival.counts
            for found in arrival.violations
            if found.get("severity") == Severity.ERROR
        )
        return [
            Expected(
                line,
                label_of(line.path),
                "ok" if line.path in self.measure.seen else "errors" if broken[line.path] else "missing",
                line.path in needed,
            )
            for line in self.lines
            if UNKNOWN not in line.path.split("/")
        ]

    @cached_property
    def sides(self) -> list[Side]:
        """The selected event, expected beside received."""
        return sides(self.lines, self.selected.sample.event, self.selected.violations) if self.selected else []

    @cached_property
    def ids(self) -> list[SeenId]:
        """Whose events came since it was developed, newest first, with a name to tell them apart where one is shown."""
        rows = EvidenceId.objects.filter(
            delivery=self.delivery, round=self.delivery.round, stage=Stage.DEVELOPED, environment__in=OUTSIDE
        ).order_by("-last_seen", "-id")[: len(OUTSIDE) * IDS_SHOWN]
        return seen_ids(rows, self._names)[:IDS_SHOWN]

    @cached_property
    def signed(self) -> str:
        """Whose events the newest signature counted, in words."""
        return signed_words(self.delivery, self._names)

    @cached_property
    def _names(self) -> dict[int, str]:
        """The ids that the newest events show, by their keyed hashes."""
        return {hashed: arrival.person for arrival in self.arrivals if (hashed := hash_of(arrival.sample)) is not None}

    @cached_property
    def stand(self) -> str:
        """A short text that differs as soon as anything new arrived or moved."""
        newest = self.arrivals[0].sample.pk if self.arrivals else 0
        parts = (self.delivery.state, self.delivery.round, newest, self.measure.conforming, self.measure.nonconforming)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def _arrival(self, sample: Sample) -> Arrival:
        developed_at = self.delivery.developed_at
        is_since = developed_at is not None and sample.received_at >= developed_at and not sample.is_repeat
        short = short_of(self.delivery, sample.app_version, sample.environment)
        second = second_verdict(sample, self.delivery)
        return Arrival(sample, second.verdict, second.violations, person_in(sample), is_since, short)
