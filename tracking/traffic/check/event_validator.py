"""From an opened event to its verdict: which name, which version, which rules it breaks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.choices import Environment
from catalog.contract import Event, ValidationResult, retired, undocumented, unreadable, wrong_source
from catalog.models import Source
from catalog.resolution.binding_resolver import BindingResolver, Resolution, ResolutionStatus
from catalog.resolution.contract_cache import get_contract
from tracking.traffic.check.check_results import CheckedEvent
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.check.seen_names import (
    SeenNameKey,
    candidate_keys,
    event_ids_by_key,
    match_event,
    unreadable_reason,
)
from tracking.traffic.privacy.masking import MaskedEvent, mask_result


@dataclass(frozen=True, slots=True)
class ValidatedEvent:
    """What was found out about one event."""

    seen_name: SeenNameKey
    event_id: int | None
    version_id: int | None
    version_number: str
    result: ValidationResult


@dataclass(slots=True)
class EventValidator:
    """Judges the events of one source and environment. Loads what it needs for all of them at once."""

    binding_resolver: BindingResolver
    events_by_name: Mapping[SeenNameKey, int]
    _resolved_bindings: dict[tuple[int, str, str, datetime], Resolution] = field(default_factory=dict)

    def validate(
        self, event: Event, *, definition_version: str, app_version: str, received_at: datetime
    ) -> ValidatedEvent:
        """Return the verdict on an event, and what it rests on."""
        seen_name, event_id = match_event(event, self.events_by_name)
        if reason := unreadable_reason(event):
            return ValidatedEvent(seen_name, None, None, "", unreadable(event, reason))
        if event_id is None:
            return ValidatedEvent(seen_name, None, None, "", undocumented(event))
        resolved = self._resolve_binding(event_id, definition_version, app_version, received_at)
        if resolved.version_id is None:
            build_result = retired if resolved.status is ResolutionStatus.RETIRED else wrong_source
            return ValidatedEvent(seen_name, event_id, None, "", build_result(event))
        contract = get_contract(resolved.version_id, self.binding_resolver.source.slug)
        return ValidatedEvent(seen_name, event_id, resolved.version_id, resolved.number, contract.check(event))

    def _resolve_binding(
        self, event_id: int, definition_version: str, app_version: str, received_at: datetime
    ) -> Resolution:
        key = (event_id, definition_version, app_version, received_at)
        held = self._resolved_bindings.get(key)
        if held is None:
            held = self._resolved_bindings[key] = self.binding_resolver.resolve(
                event_id, received_at=received_at, app_version=app_version, named_version=definition_version
            )
        return held


def candidate_verdicts(checked: CheckedEvent, binding_resolver: BindingResolver, environment: str) -> dict[str, Any]:
    """Return as JSON what every other version with an open delivery on the source says of an event, by its id.

    Masked as the event is: what is kept of it would not show later what they rest on. Empty in production, and for an
    event that nobody defined.
    """
    if environment == Environment.PRODUCTION or checked.event_id is None:
        return {}
    masked = MaskedEvent(checked.masked_event, checked.masked_paths)
    version_ids = [
        version_id
        for version_id in binding_resolver.open_version_ids(checked.event_id)
        if version_id != checked.version_id
    ]
    return {
        str(version_id): mask_result(checked.validated_against(version_id, binding_resolver.source), masked).as_json()
        for version_id in version_ids
    }


def defined_events(parsed_events: Iterable[ParsedEvent]) -> dict[SeenNameKey, int]:
    """Return the catalog's events that these may mean, by name. One query for all of them."""
    return event_ids_by_key(
        {name for parsed in parsed_events if parsed.event is not None for name in candidate_keys(parsed.event)}
    )


def validator_for(
    source: Source, environment: str, parsed_events: Iterable[ParsedEvent], events_by_name: Mapping[SeenNameKey, int]
) -> EventValidator:
    """Return the judge of a source's events in one environment. Two queries."""
    names = {name for parsed in parsed_events if parsed.event is not None for name in candidate_keys(parsed.event)}
    event_ids = sorted({events_by_name[name] for name in names if name in events_by_name})
    return EventValidator(BindingResolver.load(source, environment, event_ids), events_by_name)
