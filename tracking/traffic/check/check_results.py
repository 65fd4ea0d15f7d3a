"""What the check hands to the recorders of the apps above: events with their verdicts, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.contract import Event, ValidationResult
from catalog.models import Source
from catalog.resolution.binding_resolver import BindingResolver
from catalog.resolution.contract_cache import get_contract


@dataclass(frozen=True, slots=True)
class CheckedEvent:
    """One event, its verdict, and what was found out about it on the way."""

    event: Event
    result: ValidationResult
    seen_name_id: int
    call: str
    name: str
    event_id: int | None  # of the catalog; None where nobody defined it
    version_id: int | None  # what it was validated against
    version_number: str
    app_version: str  # "" where it has none, "(other)" past the cap
    received_at: datetime
    event_time: datetime  # when it happened, by its own clock put right by ours
    is_evidence: bool  # whether it may speak for a delivery: not where its time cannot be relied on
    person_hash: int | None  # keyed 8-byte hash of the user's or device's id
    is_repeat: bool
    # As it may be stored; empty for an event that breaks no rule and is no sample. `came` in `result` is masked.
    masked_event: dict[str, Any] = field(default_factory=dict)
    masked_paths: tuple[str, ...] = ()
    # What the contract alone says of it: no rule that is asked of every event decides evidence or proof.
    contract_result: ValidationResult | None = None
    device_hash: int | None = None  # that of the device, where the event names a user too
    byte_count: int = 0  # of its JSON, as it came
    _results: dict[int, ValidationResult] = field(default_factory=dict, init=False, repr=False, compare=False)

    def validated_against(self, version_id: int, source: Source) -> ValidationResult:
        """Return what the contract of a version, the event's own or another, says of the event on its source.

        Event rules have no say in it. The check keeps it with samples and recorders count it, so another version is
        asked once, and only where somebody wants to know. It is not masked: it may be counted, and stored by nobody
        as it is.
        """
        if version_id == self.version_id and self.contract_result is not None:
            return self.contract_result
        result = self._results.get(version_id)
        if result is None:
            result = self._results[version_id] = get_contract(version_id, source).check(self.event)
        return result


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """Events of one source and environment, checked together. Repeats are among them, marked."""

    source: Source
    environment: str
    events: Sequence[CheckedEvent]
    binding_resolver: BindingResolver

    @property
    def evidence(self) -> list[CheckedEvent]:
        """The events that may be evidence: no repeats, and none that cannot be dated."""
        return [event for event in self.events if event.is_evidence and not event.is_repeat]

    @property
    def deduplicated(self) -> list[CheckedEvent]:
        """The events that are counted: all but the repeats."""
        return [event for event in self.events if not event.is_repeat]


Recorder = Callable[[CheckedBatch], object]
"""What `settings.TRAFFIC_RECORDERS` names. Called inside the transaction of the counts; it may raise nothing usual.

The check asks for no answer.
"""
