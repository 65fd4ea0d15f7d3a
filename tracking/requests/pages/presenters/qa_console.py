"""The QA console of one delivery: the events that should arrive, those that do, and expected beside received."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from accounts.models import User
from accounts.permissions import can
from accounts.roles import Capability
from catalog.contract import PropertySummary, Severity, Verdict, for_source, list_properties
from catalog.contract.json.pointers import UNKNOWN_KEY, path_label
from tracking.requests.choices import DeliveryState, EvidenceStage
from tracking.requests.evidence.delivery_app_version import AppVersionShortfall, app_version_shortfall
from tracking.requests.evidence.samples.candidate_verdict import HIDDEN_VERDICT, candidate_verdict
from tracking.requests.evidence.samples.change_seen_names import seen_names_for
from tracking.requests.evidence.samples.sample_identity import person_hash_of, person_id_of
from tracking.requests.evidence.summaries import (
    NON_PRODUCTION,
    EvidenceSummary,
    pre_build_evidence,
    required_property_paths,
    staging_evidence,
    user_by_device,
)
from tracking.requests.models import Delivery, EvidenceId
from tracking.requests.pages.presenters.available_actions import AvailableActions, actions_for_delivery
from tracking.requests.pages.presenters.evidence_ids import EvidenceIdSummary, signature_summary, summarize_evidence_ids
from tracking.traffic.check.property_checks import MAX_LINES_SHOWN, PropertyCheck, check_properties
from tracking.traffic.models import Sample

MAX_RECENT_SAMPLES = 50
MAX_EVIDENCE_IDS = 20


@dataclass(frozen=True, slots=True)
class RecentSample:
    """An event that arrived, with its candidate verdict, that of the delivery's version.

    `is_after_development` where it is no repeat, happened since the delivery was developed and can be dated;
    `shortfall` where its app version does not reach the delivery's. It counts as the evidence counts it.
    """

    sample: Sample
    verdict: str
    violations: Sequence[dict[str, Any]]
    person: str
    is_after_development: bool
    shortfall: AppVersionShortfall | None

    @property
    def counts(self) -> bool:
        return self.is_after_development and self.shortfall is None

    @property
    def error_count(self) -> int:
        return sum(1 for found in self.violations if found.get("severity") == Severity.ERROR)

    @property
    def warning_count(self) -> int:
        return len(self.violations) - self.error_count


@dataclass(frozen=True, slots=True)
class ExpectedProperty:
    """A property that should arrive: `state` is ok, errors or missing; `is_needed` where the change touches it."""

    line: PropertySummary
    label: str
    state: str
    is_changed: bool


@dataclass
class QAConsole:
    """Everything on the QA page of a delivery; each part is computed once, on first use."""

    delivery: Delivery
    user: User
    selected_sample_id: int | None = None
    properties: list[PropertySummary] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.delivery.change.version is not None:
            document = for_source(self.delivery.change.version.definition, self.delivery.source.slug)
            self.properties = list_properties(document)[:MAX_LINES_SHOWN]

    @property
    def needs_refresh(self) -> bool:
        """Whether more events may still change what is said here."""
        return self.delivery.state in (DeliveryState.REVIEWED, DeliveryState.DEVELOPED)

    @cached_property
    def can_view_samples(self) -> bool:
        return bool(can(self.user, Capability.SAMPLES_VIEW, on=self.delivery.source))

    @cached_property
    def available_actions(self) -> AvailableActions:
        return actions_for_delivery(self.delivery, self.user)

    @cached_property
    def evidence(self) -> EvidenceSummary:
        """What the evidence comes to; before it is developed, what has come since it was approved."""
        return (
            pre_build_evidence(self.delivery)
            if self.delivery.state == DeliveryState.REVIEWED
            else staging_evidence(self.delivery)
        )

    @cached_property
    def recent_samples(self) -> list[RecentSample]:
        """The newest events outside production, newest first; none for whoever may not look at samples."""
        if not self.can_view_samples:
            return []
        rows = (
            Sample.objects.filter(
                source=self.delivery.source,
                environment__in=NON_PRODUCTION,
                seen_name__in=seen_names_for(self.delivery.change),
            )
            .select_related("seen_name")
            .order_by("-id")[:MAX_RECENT_SAMPLES]
        )
        return [self._recent_sample(sample) for sample in rows]

    @cached_property
    def selected(self) -> RecentSample | None:
        """The event that was chosen, while it is among the newest; else the newest."""
        found = next((arrival for arrival in self.recent_samples if arrival.sample.pk == self.selected_sample_id), None)
        return found or (self.recent_samples[0] if self.recent_samples else None)

    @cached_property
    def failing_sample(self) -> RecentSample | None:
        """The event that goes with the delivery when it is sent back: the one that was chosen, of those that came since
        it was developed, else the newest that failed, of those that count.

        The chosen one need not count: that it came from the wrong app version may be what it shows.
        """
        after_development = [arrival for arrival in self.recent_samples if arrival.is_after_development]
        selected = next(
            (arrival for arrival in after_development if arrival.sample.pk == self.selected_sample_id), None
        )
        failing = (
            each
            for each in after_development
            if each.counts and each.verdict not in (Verdict.CONFORMING, HIDDEN_VERDICT)
        )
        return selected or next(failing, None)

    @cached_property
    def checklist(self) -> list[ExpectedProperty]:
        """Every property of the version: seen in a conforming event, seen with errors, or not seen."""
        needed = set(required_property_paths(self.delivery))
        broken = Counter(
            str(found.get("definition_path"))
            for arrival in self.recent_samples
            if arrival.counts
            for found in arrival.violations
            if found.get("severity") == Severity.ERROR
        )
        return [
            ExpectedProperty(
                line,
                path_label(line.path),
                "ok" if line.path in self.evidence.seen_paths else "errors" if broken[line.path] else "missing",
                line.path in needed,
            )
            for line in self.properties
            if UNKNOWN_KEY not in line.path.split("/")
        ]

    @cached_property
    def property_checks(self) -> list[PropertyCheck]:
        """The properties of the selected event, expected beside received."""
        return (
            check_properties(self.properties, self.selected.sample.event, self.selected.violations)
            if self.selected
            else []
        )

    @cached_property
    def ids(self) -> list[EvidenceIdSummary]:
        """The ids whose events arrived since it was developed, newest first, with a label where one is known."""
        rows = EvidenceId.objects.filter(
            delivery=self.delivery,
            round=self.delivery.round,
            stage=EvidenceStage.DEVELOPED,
            environment__in=NON_PRODUCTION,
        ).order_by("-last_seen", "-id")[: len(NON_PRODUCTION) * MAX_EVIDENCE_IDS]
        return summarize_evidence_ids(rows, self._labels_by_id, user_by_device(self.delivery))[:MAX_EVIDENCE_IDS]

    @cached_property
    def signature_summary(self) -> str:
        """Whose events the newest signature counted, in words."""
        return signature_summary(self.delivery, self._labels_by_id)

    @cached_property
    def _labels_by_id(self) -> dict[int, str]:
        """The ids that the newest events show, by their pseudonyms."""
        return {
            hashed: arrival.person
            for arrival in self.recent_samples
            if (hashed := person_hash_of(arrival.sample)) is not None
        }

    @cached_property
    def etag(self) -> str:
        """A short text that differs as soon as anything new arrived or moved."""
        newest = self.recent_samples[0].sample.pk if self.recent_samples else 0
        parts = (
            self.delivery.state,
            self.delivery.round,
            newest,
            self.evidence.conforming,
            self.evidence.nonconforming,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def refresh_query(self) -> str:
        """The query string with which the page asks for what is new, keeping what is selected."""
        selected = {"sample": self.selected.sample.pk} if self.selected else {}
        return urlencode({"etag": self.etag} | selected)

    def _recent_sample(self, sample: Sample) -> RecentSample:
        developed_at = self.delivery.developed_at
        is_after_development = (
            developed_at is not None and sample.is_evidence_since(developed_at) and not sample.is_repeat
        )
        shortfall = app_version_shortfall(self.delivery, sample.app_version, sample.environment)
        candidate = candidate_verdict(sample, self.delivery)
        return RecentSample(
            sample, candidate.verdict, candidate.violations, person_id_of(sample), is_after_development, shortfall
        )
