"""From an opened event to its verdict: which name, which version, which rules it breaks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.choices import Environment
from catalog.contract import Event, Judgement, retired, undocumented, unreadable, wrong_source
from catalog.models import Source
from catalog.resolution.binding_resolver import Held, Holder, Standing
from catalog.resolution.contract_cache import contract_of
from tracking.traffic.check.check_results import CheckedEvent
from tracking.traffic.check.event_parsing import Opened
from tracking.traffic.check.seen_names import Name, candidates, defined, meant, unreadable_reason
from tracking.traffic.privacy.masking import Masked, mask_judgement


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found out about one event."""

    name: Name
    event_id: int | None
    version_id: int | None
    number: str
    judgement: Judgement


@dataclass(slots=True)
class Judge:
    """Judges the events of one source and environment. Loads what it needs for all of them at once."""

    holder: Holder
    events: Mapping[Name, int]
    _held: dict[tuple[int, str, str, datetime], Held] = field(default_factory=dict)

    def judge(self, event: Event, *, definition_version: str, app_version: str, received_at: datetime) -> Judged:
        """Return the verdict on an event, and what it rests on."""
        name, event_id = meant(event, self.events)
        if reason := unreadable_reason(event):
            return Judged(name, None, None, "", unreadable(event, reason))
        if event_id is None:
            return Judged(name, None, None, "", undocumented(event))
        held = self._held_against(event_id, definition_version, app_version, received_at)
        if held.version_id is None:
            make = retired if held.standing is Standing.RETIRED else wrong_source
            return Judged(name, event_id, None, "", make(event))
        contract = contract_of(held.version_id, self.holder.source.slug)
        return Judged(name, event_id, held.version_id, held.number, contract.check(event))

    def _held_against(self, event_id: int, definition_version: str, app_version: str, received_at: datetime) -> Held:
        key = (event_id, definition_version, app_version, received_at)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = self.holder.held_against(
                event_id, received_at=received_at, app_version=app_version, named_version=definition_version
            )
        return held


def second_verdicts(checked: CheckedEvent, holder: Holder, environment: str) -> dict[str, Any]:
    """Return as JSON what every other version with an open delivery on the source says of an event, by its id.

    Masked as the event is: what is kept of it would not show later what they rest on. Empty in production, and for an
    event that nobody defined.
    """
    if environment == Environment.PRODUCTION or checked.event_id is None:
        return {}
    masked = Masked(checked.masked_event, checked.masked_paths)
    others = [each for each in holder.open_versions(checked.event_id) if each != checked.version_id]
    return {str(each): mask_judgement(checked.judged_by(each, holder.source), masked).as_json() for each in others}


def known_events(opened: Iterable[Opened]) -> dict[Name, int]:
    """Return the catalog's events that these may mean, by name. One query for all of them."""
    return defined({name for one in opened if one.event is not None for name in candidates(one.event)})


def judge_for(source: Source, environment: str, opened: Iterable[Opened], events: Mapping[Name, int]) -> Judge:
    """Return the judge of a source's events in one environment. Two queries."""
    names = {name for one in opened if one.event is not None for name in candidates(one.event)}
    ids = sorted({events[name] for name in names if name in events})
    return Judge(Holder.load(source, environment, ids), events)
