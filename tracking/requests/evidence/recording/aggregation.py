"""Evidence of one checked batch, added up in memory: what each delivery gains by it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.choices import Environment
from catalog.contract import ValidationResult, Verdict
from catalog.resolution.contract_cache import get_contract
from tracking.requests.choices import EvidenceStage
from tracking.requests.evidence.recording.property_presence import present_paths
from tracking.requests.models.delivery import APP_VERSION_MAX_LENGTH
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent


@dataclass(frozen=True, slots=True)
class EvidenceTarget:
    """A delivery whose evidence is being collected."""

    delivery_id: int
    event_id: int
    version_id: int
    parent_id: int | None
    round: int
    stage: EvidenceStage
    since: datetime
    app_version: str  # that its events must reach; "" where nothing is compared
    paths: tuple[str, ...]


@dataclass(slots=True)
class EvidenceCounts:
    """What came of some events, and when: all of them, and of the proving ones, since only they may extend a proof."""

    first: datetime
    last: datetime
    conforming: int = 0
    nonconforming: int = 0
    proving: int = 0
    proving_first: datetime | None = None
    proving_last: datetime | None = None

    def add(self, *, at: datetime, is_conforming: bool, is_proving: bool) -> None:
        self.first, self.last = min(self.first, at), max(self.last, at)
        self.conforming += is_conforming
        self.nonconforming += not is_conforming
        if is_proving:
            self.proving += 1
            self.proving_first = min(self.proving_first or at, at)
            self.proving_last = max(self.proving_last or at, at)


HourKey = tuple[int, int, str, datetime, str]  # delivery, round, stage, hour, app version
IdKey = tuple[int, int, str, int]  # delivery, round, stage, pseudonym of the id
PropertyKey = tuple[int, int, str, str]  # delivery, round, stage, path


@dataclass(slots=True)
class EvidenceDelta:
    """The gains of one batch, by the keys of the tables of evidence. `user_by_device` holds pseudonyms of users."""

    by_hour: dict[HourKey, EvidenceCounts] = field(default_factory=dict)
    by_id: dict[IdKey, EvidenceCounts] = field(default_factory=dict)
    user_by_device: dict[IdKey, int] = field(default_factory=dict)
    property_counts: Counter[PropertyKey] = field(default_factory=Counter)


def aggregate_evidence(batch: CheckedBatch, targets: Iterable[EvidenceTarget]) -> EvidenceDelta:
    """Validate a batch's events against the deliveries that collect evidence, and add up the results.

    Conforming is whatever breaks no rule of the contract: rules that are asked of every event decide nothing here.
    Repeats count nothing, nor does what cannot be dated, nor what happened or was received before the step that began
    the evidence. Ids and properties count only for events that are evidence for the delivery: at or after its app
    version or, once it is tested, proving it otherwise. No ids are stored for a delivery that is not developed yet,
    since there is nothing to sign.
    """
    targets_by_event: dict[int, list[EvidenceTarget]] = {}
    for target in targets:
        targets_by_event.setdefault(target.event_id, []).append(target)
    delta = EvidenceDelta()
    for checked in batch.evidence:
        for target in targets_by_event.get(checked.event_id or 0, ()):
            # Nothing happens after it is received, so that this says both.
            if checked.event_time >= target.since and _is_validated_against(batch, checked, target):
                _add_event(delta, batch, checked, target)
    return delta


def _add_event(delta: EvidenceDelta, batch: CheckedBatch, checked: CheckedEvent, target: EvidenceTarget) -> None:
    result = checked.validated_against(target.version_id, batch.source)
    is_conforming = result.verdict == Verdict.CONFORMING
    reaches_version = _reaches_app_version(batch, checked, target)
    is_proving = is_conforming and (
        reaches_version is True
        or (
            target.stage == EvidenceStage.REVIEWED and target.parent_id is None
        )  # whoever sends a new event has built it
        or _differs_from_parent(batch, checked, target, result)
    )
    at = checked.received_at
    key_prefix = (target.delivery_id, target.round, target.stage.value)
    hour = at.replace(minute=0, second=0, microsecond=0)
    _counts_for(delta.by_hour, (*key_prefix, hour, checked.app_version[:APP_VERSION_MAX_LENGTH]), checked).add(
        at=at, is_conforming=is_conforming, is_proving=is_proving
    )
    if reaches_version is False and not (is_proving and target.stage == EvidenceStage.TESTED):
        return
    if checked.person_hash is not None and target.stage != EvidenceStage.REVIEWED:
        _counts_for(delta.by_id, (*key_prefix, checked.person_hash), checked).add(
            at=at, is_conforming=is_conforming, is_proving=is_proving
        )
        if checked.device_hash is not None and checked.device_hash != checked.person_hash:
            device, user = (*key_prefix, checked.device_hash), checked.person_hash
            delta.user_by_device[device] = min(user, delta.user_by_device.get(device, user))
    if is_conforming:
        # A null that counts as if it had not come, or is warned of, shows nothing of its property.
        seen = get_contract(target.version_id, batch.source).without_optional_nulls(checked.event)
        delta.property_counts.update((*key_prefix, path) for path in present_paths(seen.as_json(), target.paths))


def _counts_for(rows: dict[Any, EvidenceCounts], key: Any, checked: CheckedEvent) -> EvidenceCounts:
    return rows.setdefault(key, EvidenceCounts(checked.received_at, checked.received_at))


def _is_validated_against(batch: CheckedBatch, checked: CheckedEvent, target: EvidenceTarget) -> bool:
    """Whether an event is validated against the delivery's version besides its own.

    Outside production every event is, and in production where no app version is required. Otherwise those
    validated against it anyway, and those at or after its app version (whose bindings an undo may have ended).
    """
    if batch.environment != Environment.PRODUCTION or not target.app_version:
        return True
    return checked.version_id == target.version_id or _reaches_app_version(batch, checked, target) is True


def _reaches_app_version(batch: CheckedBatch, checked: CheckedEvent, target: EvidenceTarget) -> bool | None:
    """Whether the event's app version is at or after the delivery's; None where there is none to reach."""
    if not target.app_version:
        return None
    required_key, event_key = (
        batch.binding_resolver.version_key(target.app_version),
        batch.binding_resolver.version_key(checked.app_version),
    )
    return required_key is not None and event_key is not None and event_key >= required_key


def _differs_from_parent(
    batch: CheckedBatch, checked: CheckedEvent, target: EvidenceTarget, result: ValidationResult
) -> bool:
    """Whether an event is valid (warnings included) under the new version and not under its parent."""
    if result.violations:
        return False
    if target.parent_id is None:
        return True
    return not get_contract(target.parent_id, batch.source).is_valid_strictly(checked.event)
