"""What the check hands to the recorders of the apps above: events with their verdicts, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from catalog.contract import Event, ValidationResult
from catalog.contract.event_time import EventTime
from catalog.models import Source
from catalog.resolution.binding_resolver import BindingResolver
from catalog.resolution.contract_cache import get_contract
from tracking.traffic.check.validated_event import ValidatedEvent
from tracking.traffic.privacy.masking import MaskedEvent, mask_result_later
from tracking.traffic.privacy.pseudonyms import first_person_hash, person_hash


class CheckedEvent(msgspec.Struct, eq=False):
    """One event, its verdict, and what was found out about it on the way.

    What may be stored of it is made when somebody first asks, since that takes longer than all of its check: of nearly
    all events nobody does.
    """

    event: Event
    _validated: ValidatedEvent  # what came stands in it unmasked
    seen_name_id: int
    app_version: str  # "" where it has none, "(other)" past the cap
    received_at: datetime
    _time: EventTime
    is_repeat: bool
    _mask: Callable[[Event, ValidatedEvent], MaskedEvent]
    byte_count: int = 0  # of its JSON, as it came
    _masked: MaskedEvent | None = None
    _result: ValidationResult | None = None
    _results: dict[int, ValidationResult] | None = None

    @property
    def call(self) -> str:
        return self._validated.seen_name.call

    @property
    def name(self) -> str:
        return self._validated.seen_name.name

    @property
    def event_id(self) -> int | None:
        """The event of the catalog; None where nobody defined it."""
        return self._validated.event_id

    @property
    def version_id(self) -> int | None:
        """What it was validated against."""
        return self._validated.version_id

    @property
    def version_number(self) -> str:
        return self._validated.version_number

    @property
    def event_time(self) -> datetime:
        """When it happened, by its own clock put right by ours."""
        return self._time.at

    @property
    def is_evidence(self) -> bool:
        """Whether it may speak for a delivery: not where its time cannot be relied on."""
        return self._time.is_reliable

    @property
    def person_hash(self) -> int | None:
        """The keyed hash of the user's id, else of the device's, else None."""
        return person_hash_of_event(self.event)

    @property
    def device_hash(self) -> int | None:
        """The keyed hash of the device's id where the event names its user too, else None."""
        if self.event.anonymous_id is None or person_hash(self.event.user_id) is None:
            return None
        return person_hash(self.event.anonymous_id)

    @property
    def masked(self) -> MaskedEvent:
        """The event as it may be stored. Raises what the database raises, where that has to be asked."""
        if self._masked is None:
            self._masked = self._mask(self.event, self._validated)
        return self._masked

    @property
    def masked_event(self) -> dict[str, Any]:
        """The event as it may be stored; empty where we fail to mask it."""
        return self.masked.event

    @property
    def masked_paths(self) -> tuple[str, ...]:
        return self.masked.paths

    @property
    def result(self) -> ValidationResult:
        """The verdict, and every violation as it may be stored: its place and what came are masked once asked for."""
        if self._result is None:
            self._result = mask_result_later(self._validated.result, lambda: self.masked)
        return self._result

    @property
    def contract_result(self) -> ValidationResult | None:
        """What the contract alone says of it: no rule that is asked of every event decides evidence or proof.

        It is not masked: it may be counted, and stored by nobody as it is.
        """
        return self._validated.contract_result

    def validated_against(self, version_id: int, source: Source) -> ValidationResult:
        """Return what the contract of a version, the event's own or another, says of the event on its source.

        Event rules have no say in it. The check keeps it with samples and recorders count it, so another version is
        asked once, and only where somebody wants to know. It is not masked: it may be counted, and stored by nobody
        as it is.
        """
        if version_id == self.version_id and self.contract_result is not None:
            return self.contract_result
        if self._results is None:
            self._results = {}
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


def person_hash_of_event(event: Event) -> int | None:
    """Return the keyed hash of the user's id, else of the device's, else None."""
    return first_person_hash(lambda field: person_hash(getattr(event, field)))
