"""Which way each event of a claim takes: the fast one, where decoding proves that it conforms, or the ordinary one.

The fast path reads what stands around the properties of the events of a body. That says which definition describes
each, whose type then decodes the properties. Whatever is not certain, and whatever breaks a rule of its contract, is
parsed and validated the ordinary way, which alone finds violations. What follows is asked of the events of both ways:
repeats, limits, event rules, texts, counts, samples and recorders.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

import msgspec
from django.conf import settings
from django.db import DatabaseError

from catalog.contract import CONFORMING
from catalog.contract.event_time import EventTime, read_event_time
from catalog.contract.fast_path.event_outline import EventOutline
from catalog.contract.fast_path.fast_batch import conforming_event, read_batch
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.resolution.contract_cache import get_contract, get_fast_contract
from tracking.traffic.check.app_version_resolution import resolve_app_versions
from tracking.traffic.check.evaluation import EventGroup
from tracking.traffic.check.event_parsing import ParsedBody, ParsedEvent, parse_body, parse_event
from tracking.traffic.check.event_validator import EventValidator, names_of, validator_for
from tracking.traffic.check.seen_names import candidate_keys_by_name, event_ids_by_key
from tracking.traffic.check.validated_event import ValidatedEvent
from tracking.traffic.choices import WireChoice
from tracking.traffic.collect.wires import Envelope, get_wire
from tracking.traffic.models import InboxBatch

FAST_WIRES = frozenset({WireChoice.SEGMENT, WireChoice.RUDDERSTACK})
"""The wires whose batches the fast path reads."""


def read_body(batch: InboxBatch) -> ParsedBody:
    """Return the events of a batch: outlines of those that may be fast, and the others normalised.

    Raises what `parse_batch` raises. `take_ways` then decides about the outlines.
    """
    return _outlined_body(batch) or parse_body(batch)


def _outlined_body(batch: InboxBatch) -> ParsedBody | None:
    """Return a batch with outlines of its events; None for one that the fast path does not read.

    What was counted before and comes from quarantine is not read by it: what was found then is known by places.
    """
    if not settings.CHECK_FAST_PATH or batch.call or batch.counted is not None or batch.wire not in FAST_WIRES:
        return None
    content = read_batch(bytes(batch.body), max_events=settings.COLLECT_MAX_EVENTS)
    if content is None:
        return None
    wire = get_wire(batch.wire)
    unknown_time = EventTime(batch.received_at)
    envelope = Envelope(events=content.raw_events, sent_at=content.sent_at, is_batch=True)
    body = ParsedBody(batch, envelope, [])
    for place, (raw, outline) in enumerate(zip(content.raw_events, content.outlines, strict=True)):
        parsed = ParsedEvent(batch=batch, received=raw, time=unknown_time, outline=outline)
        if outline is None:
            parse_event(parsed, place, envelope)
        else:
            parsed.definition_version = wire.definition_version(outline.context)
            parsed.time = read_event_time(
                outline.occurred_at, outline.sent_at, batch.received_at, is_history=batch.is_history
            )
        body.events.append(parsed)
    return body


class _Definition(msgspec.Struct, frozen=True):
    """What describes the events of one name, app version and time: `validated` is shared by all that conform."""

    validated: ValidatedEvent
    contract: FastContract
    longest_event: int


@dataclass(slots=True)
class FastPath:
    """The fast path of one source and environment, for the events of one claim."""

    validator: EventValidator
    _definitions: dict[tuple[str, str, str, str, int], _Definition | None] = field(default_factory=dict)
    _event_ids: dict[tuple[str, str], int | None] = field(default_factory=dict)

    def take_ways(self, bodies: Sequence[ParsedBody]) -> list[ParsedEvent]:
        """Decide about every outline of these bodies, and return the events that were parsed the ordinary way here.

        At most two queries, where the source has deploy markers, besides those for contracts that are not cached.
        """
        outlined = [parsed for body in bodies for parsed in body.events if parsed.outline is not None]
        resolver = self.validator.binding_resolver
        app_versions = iter(resolve_app_versions(resolver.source, self.validator.environment, outlined))
        others = []
        for body in bodies:
            received_at = body.batch.received_at.isoformat()
            for place, parsed in enumerate(body.events):
                outline = parsed.outline
                if outline is None:
                    continue
                app_version = next(app_versions)
                try:
                    self._accept(parsed, outline, app_version, received_at)
                except DatabaseError:
                    raise  # the transaction is over, whatever this event holds
                except Exception:  # the ordinary way says what is wrong with it, or with us
                    parsed.event = parsed.conforming = None
                parsed.outline = None
                if parsed.conforming is None:
                    parse_event(parsed, place, body.envelope)
                    others.append(parsed)
        return others

    def _accept(self, parsed: ParsedEvent, outline: EventOutline, app_version: str, received_at: str) -> None:
        """Give an event that conforms beyond doubt what was proved of it."""
        definition = self._definition(outline, parsed.definition_version, app_version, parsed.time.at)
        if definition is None or parsed.is_longer_than(definition.longest_event):
            return
        event = conforming_event(outline, definition.contract, received_at=received_at)
        if event is not None:
            parsed.event, parsed.conforming, parsed.app_version = event, definition.validated, app_version

    def _definition(
        self, outline: EventOutline, definition_version: str, app_version: str, event_time: datetime
    ) -> _Definition | None:
        """Return what describes an event, as `EventValidator.validate` finds it; None where nothing fast does."""
        call, name = outline.call, outline.name
        if (call, name) not in self._event_ids:
            self._event_ids[call, name] = self._event_id(call, name)
        event_id = self._event_ids[call, name]
        if event_id is None:
            return None
        period = self.validator.binding_resolver.period(event_id, event_time)
        key = (call, name, definition_version, app_version, period)
        if key not in self._definitions:
            self._definitions[key] = self._load_definition(
                call, name, event_id, definition_version, app_version, event_time
            )
        return self._definitions[key]

    def _event_id(self, call: str, name: str) -> int | None:
        known = self.validator.events_by_name
        return next((known[key] for key in candidate_keys_by_name(call, name) if key in known), None)

    def _load_definition(
        self, call: str, name: str, event_id: int, definition_version: str, app_version: str, event_time: datetime
    ) -> _Definition | None:
        resolved = self.validator.resolve_binding(event_id, definition_version, app_version, event_time)
        if resolved.version_id is None:
            return None
        source = self.validator.binding_resolver.source
        contract = get_fast_contract(resolved.version_id, source)
        if contract is None:
            return None
        known = self.validator.events_by_name
        seen_name = next(key for key in candidate_keys_by_name(call, name) if key in known)
        validated = ValidatedEvent(seen_name, event_id, resolved.version_id, resolved.number, CONFORMING, CONFORMING)
        return _Definition(validated, contract, get_contract(resolved.version_id, source).longest_event)


def load_groups(bodies: Iterable[ParsedBody]) -> list[EventGroup]:
    """Return the events by source and environment, in sorted order, with all that is needed to validate them.

    Every event takes its way. One query for all of them, and five for each source, besides those for contracts that
    are not cached.
    """
    by_source: defaultdict[tuple[int, str], list[ParsedBody]] = defaultdict(list)
    for body in bodies:
        by_source[body.batch.source_id, body.batch.environment].append(body)
    names_by_source = {
        key: names_of(parsed for body in found for parsed in body.events) for key, found in by_source.items()
    }
    events_by_name = event_ids_by_key(set().union(*names_by_source.values()))
    groups = []
    for key, found in sorted(by_source.items(), key=itemgetter(0)):
        source, environment, names = found[0].batch.source, key[1], names_by_source[key]
        validator = validator_for(source, environment, names, events_by_name)
        others = FastPath(validator).take_ways(found)
        if unexpected := names_of(others) - names:  # of an event that says its name twice
            events_by_name |= event_ids_by_key(unexpected)
            validator = validator_for(source, environment, names | unexpected, events_by_name)
        groups.append(EventGroup(source, environment, found, validator))
    return groups
