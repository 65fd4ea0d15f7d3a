"""Evidence of one checked batch, added up in memory: what each delivery gains by it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.choices import Environment
from catalog.contract import Judgement, Verdict
from catalog.resolution.contract_cache import contract_of
from tracking.requests.choices import Stage
from tracking.requests.evidence.recording.property_presence import present
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent

APP_VERSION_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Watched:
    """A delivery whose evidence is being gathered."""

    delivery_id: int
    event_id: int
    version_id: int
    parent_id: int | None
    round: int
    stage: Stage
    since: datetime
    app_version: str  # that its events must reach; "" where nothing is compared
    paths: tuple[str, ...]


@dataclass(slots=True)
class Counts:
    """What came of some events, and when: all of them, and those that prove, since no other may lengthen a proof."""

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
IdKey = tuple[int, int, str, int]  # delivery, round, stage, keyed hash
PropertyKey = tuple[int, int, str, str]  # delivery, round, stage, path


@dataclass(slots=True)
class Tally:
    """The gains of one batch, by the keys of the three tables of evidence."""

    hours: dict[HourKey, Counts] = field(default_factory=dict)
    ids: dict[IdKey, Counts] = field(default_factory=dict)
    properties: Counter[PropertyKey] = field(default_factory=Counter)


def tally(batch: CheckedBatch, watched: Iterable[Watched]) -> Tally:
    """Hold a batch's events against the deliveries that wait for them, and add up what came of it.

    Repeats count nothing, nor does what was received before the step that began the evidence. Ids and properties
    count only for events that can speak for the delivery: at or after its app version or, once it is tested,
    proving it otherwise. Of a delivery that nobody has built yet no ids are kept: there is nothing to sign.
    """
    by_event: dict[int, list[Watched]] = {}
    for watch in watched:
        by_event.setdefault(watch.event_id, []).append(watch)
    gained = Tally()
    for checked in batch.fresh:
        for watch in by_event.get(checked.event_id or 0, ()):
            if checked.received_at >= watch.since and _is_held(batch, checked, watch):
                _add(gained, batch, checked, watch)
    return gained


def _add(gained: Tally, batch: CheckedBatch, checked: CheckedEvent, watch: Watched) -> None:
    judgement = checked.judged_by(watch.version_id, batch.source)
    is_conforming = judgement.verdict == Verdict.CONFORMING
    has_reached = _reaches(batch, checked, watch)
    is_proving = is_conforming and (
        has_reached is True
        or (watch.stage == Stage.REVIEWED and watch.parent_id is None)  # whoever sends a new event has built it
        or _shows_difference(batch, checked, watch, judgement)
    )
    at = checked.received_at
    start = (watch.delivery_id, watch.round, watch.stage.value)
    hour = at.replace(minute=0, second=0, microsecond=0)
    _counts(gained.hours, (*start, hour, checked.app_version[:APP_VERSION_LENGTH]), checked).add(
        at=at, is_conforming=is_conforming, is_proving=is_proving
    )
    if has_reached is False and not (is_proving and watch.stage == Stage.TESTED):
        return
    if checked.person_hash is not None and watch.stage != Stage.REVIEWED:
        _counts(gained.ids, (*start, checked.person_hash), checked).add(
            at=at, is_conforming=is_conforming, is_proving=is_proving
        )
    if is_conforming:
        gained.properties.update((*start, path) for path in present(checked.event.as_json(), watch.paths))


def _counts(rows: dict[Any, Counts], key: Any, checked: CheckedEvent) -> Counts:
    return rows.setdefault(key, Counts(checked.received_at, checked.received_at))


def _is_held(batch: CheckedBatch, checked: CheckedEvent, watch: Watched) -> bool:
    """Whether an event is held against the delivery's version besides its own.

    Outside production every one is; so is every one in production where there is no app version to reach. Else those
    held against it anyway, and those at or after its app version (whose bindings an undo may have ended).
    """
    if batch.environment != Environment.PRODUCTION or not watch.app_version:
        return True
    return checked.version_id == watch.version_id or _reaches(batch, checked, watch) is True


def _reaches(batch: CheckedBatch, checked: CheckedEvent, watch: Watched) -> bool | None:
    """Whether the event's app version is at or after the delivery's; None where there is none to reach."""
    if not watch.app_version:
        return None
    since, key = batch.holder.app_key(watch.app_version), batch.holder.app_key(checked.app_version)
    return since is not None and key is not None and key >= since


def _shows_difference(batch: CheckedBatch, checked: CheckedEvent, watch: Watched, judgement: Judgement) -> bool:
    """Whether an event is valid (warnings included) under the new version and not under its parent."""
    if judgement.violations:
        return False
    if watch.parent_id is None:
        return True
    return not contract_of(watch.parent_id, batch.source.slug).is_valid_strictly(checked.event)
