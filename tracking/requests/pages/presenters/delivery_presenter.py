"""A delivery as pages read it: what came of it so far, and what still keeps it from its next step."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.conf import settings

from accounts.models import User
from accounts.preconditions import UnmetCondition
from catalog.choices import Environment
from catalog.code_snippets.snippets import Snippet, generate_snippets
from catalog.contract import InvalidDefinition
from catalog.presenters.event_presenter import PLACEHOLDER_KEY
from catalog.services.write_keys import current_keys
from tracking.requests.choices import LANES_VERIFIED, DeliveryState
from tracking.requests.evidence.delivery_app_version import AppVersionShortfall
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.evidence.summaries import (
    EvidenceSummary,
    pre_build_evidence,
    production_evidence,
    required_property_paths,
    shortfalls,
    staging_evidence,
)
from tracking.requests.evidence.thresholds import threshold_for_delivery
from tracking.requests.models import Delivery
from tracking.requests.workflow.available_steps import automatic_step_blockers

MAX_SNIPPETS = 6
MAX_SHORTFALLS = 5
SHELL_LANGUAGE = "curl"  # every developer can run it


@dataclass(frozen=True, slots=True)
class ProofCondition:
    """One condition of a proof, as a bar: how much is there of how much."""

    label: str
    actual: str
    required: str
    is_met: bool
    parts: tuple[tuple[str, float, str], ...]


@dataclass
class DeliveryPresenter:
    """One delivery; what needs the database is asked once, and only where the state makes it interesting.

    `evidence` is that of all deliveries on the page (`present_deliveries`); left out, the delivery's own is read.
    `system` is the system user, where somebody has read it already.
    """

    delivery: Delivery
    evidence: LoadedEvidence | None = None
    system: User | None = None

    def __post_init__(self) -> None:
        self.evidence = self.evidence or LoadedEvidence([self.delivery])

    @property
    def is_being_tested(self) -> bool:
        """Whether QA waits for events outside production."""
        return self.delivery.state == DeliveryState.DEVELOPED and self.delivery.change.lane in LANES_VERIFIED

    @property
    def is_being_proven(self) -> bool:
        """Whether the system waits for production."""
        return self.delivery.state == DeliveryState.TESTED

    @property
    def is_being_built(self) -> bool:
        """Whether a developer is about to send it for the first time."""
        return self.delivery.state == DeliveryState.REVIEWED and self.delivery.change.version_id is not None

    @cached_property
    def pre_build_evidence(self) -> EvidenceSummary:
        """What arrived since it was approved; the first proving event is reported to the developer."""
        return pre_build_evidence(self.delivery, loaded=self.evidence)

    @cached_property
    def staging_evidence(self) -> EvidenceSummary:
        return staging_evidence(self.delivery, loaded=self.evidence)

    @cached_property
    def shortfalls(self) -> list[tuple[AppVersionShortfall, int]]:
        """Why events came and none counts, with how many each: what a developer has to mend first."""
        return shortfalls(self.delivery, loaded=self.evidence)[:MAX_SHORTFALLS]

    @cached_property
    def unseen_properties(self) -> list[str]:
        """The properties that the change adds or alters and that no conforming event has had yet."""
        required_paths = required_property_paths(self.delivery, loaded=self.evidence)
        return [path for path in required_paths if path not in self.staging_evidence.seen_paths]

    @cached_property
    def blocked_by(self) -> list[UnmetCondition]:
        """What keeps the system from making it live; empty where it does so the next time it looks."""
        if not self.is_being_proven:
            return []
        return automatic_step_blockers(self.delivery, evidence=self.evidence, system=self.system)

    @property
    def other_unmet_conditions(self) -> list[UnmetCondition]:
        """Of these, what no figure of the proof shows."""
        return [condition for condition in self.blocked_by if not condition.code.startswith("proof_")]

    @cached_property
    def proof_conditions(self) -> list[ProofCondition]:
        """How far the proof has come, condition by condition."""
        if not self.is_being_proven:
            return []
        threshold = threshold_for_delivery(self.delivery, loaded=self.evidence)
        evidence = production_evidence(self.delivery, loaded=self.evidence)
        rows = [
            _count_condition("Proof events", evidence.events, threshold.events),
            _count_condition("Devices or people", evidence.ids, threshold.ids),
        ]
        if threshold.span:
            minute = timedelta(minutes=1)
            rows.append(
                _count_condition("Minutes between first and last", evidence.span // minute, threshold.span // minute)
            )
        return [*rows, _share_condition(evidence.recent.conforming_share, settings.PROOF_CONFORMING_SHARE)]


def present_deliveries(deliveries: Collection[Delivery], evidence: LoadedEvidence) -> list[DeliveryPresenter]:
    """Return a presenter for each delivery of a page, which read the evidence of all of them together."""
    is_any_being_proven = any(delivery.state == DeliveryState.TESTED for delivery in deliveries)
    system = User.objects.system() if is_any_being_proven else None
    return [DeliveryPresenter(delivery, evidence, system) for delivery in deliveries]


def _count_condition(label: str, actual: int, required: int) -> ProofCondition:
    capped, is_met = min(actual, required), actual >= required
    parts = (("there", capped, "ok" if is_met else "info"), ("missing", required - capped, "neutral"))
    return ProofCondition(label, str(actual), str(required), is_met, parts)


def _share_condition(actual: float, required: float) -> ProofCondition:
    is_met = actual >= required
    parts = (("conforming", actual, "ok" if is_met else "bad"), ("not", 1 - actual, "neutral"))
    return ProofCondition("Conforming in the newest 24 hours", f"{actual:.0%}", f"{required:.0%}", is_met, parts)


@dataclass(frozen=True, slots=True)
class DeliverySnippets:
    """How a developer sends a delivery's event: code with the development key of its source."""

    delivery: Delivery
    has_key: bool
    snippets: tuple[Snippet, ...]

    @property
    def has_example(self) -> bool:
        """Whether the snippets carry values, which pass the definition."""
        return all(snippet.has_example for snippet in self.snippets)


def _select_snippets(all_snippets: list[Snippet]) -> tuple[Snippet, ...]:
    """The platform's own language, and the one that needs nothing but a shell."""
    return tuple(snippet for at, snippet in enumerate(all_snippets) if at == 0 or snippet.slug == SHELL_LANGUAGE)


def delivery_snippets(deliveries: Iterable[Delivery], *, by: User, host: str) -> list[DeliverySnippets]:
    """Return the code for deliveries that are still to be built or seen, at most six; one query.

    Keys are public by nature: they ship inside apps, and everybody who has signed in may read them.
    """
    open_deliveries = [row for row in deliveries if row.is_open and row.change.is_defining][:MAX_SNIPPETS]
    if not open_deliveries or not by.is_authenticated:
        return []
    keys = current_keys({row.source_id for row in open_deliveries}, Environment.DEVELOPMENT)
    results = []
    for row in open_deliveries:
        try:
            key = keys[row.source_id].key if row.source_id in keys else PLACEHOLDER_KEY
            all_snippets = generate_snippets(
                row.change.definition, row.source, key, host=host, app_version=row.app_version
            )
        except InvalidDefinition:
            continue
        results.append(DeliverySnippets(row, row.source_id in keys, _select_snippets(all_snippets)))
    return results
