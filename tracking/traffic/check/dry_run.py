"""Try events against the catalog: the same reading and the same verdicts as the check's, and nothing is stored."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.choices import Environment
from catalog.contract import Event as NormalisedEvent
from catalog.contract import ParsedJson, UnparsableBody, ValidationResult, Verdict, Violation, parse_json
from catalog.contract.examples.advice import advise
from catalog.contract.json.pointers import parse_pointer, value_at
from catalog.contract.rules.unknown_property import UNKNOWN_PROPERTY
from catalog.models import Event, Source, Version, VersionSource
from catalog.resolution.contract_cache import get_contract
from tracking.traffic.check.app_version_resolution import resolve_app_versions
from tracking.traffic.check.dedup import mark_reused_ids
from tracking.traffic.check.event_parsing import ParsedEvent, parse_batch, parse_values
from tracking.traffic.check.event_validator import EventValidator, names_of, validator_for
from tracking.traffic.check.id_spellings import SpellingMemory
from tracking.traffic.check.seen_names import event_ids_by_key
from tracking.traffic.check.validated_event import ValidatedEvent
from tracking.traffic.choices import WireChoice
from tracking.traffic.collect.wires import Envelope, OversizedBody
from tracking.traffic.models import InboxBatch
from tracking.traffic.privacy.declared_sensitivity import SensitivityResolver

APPROVED, NEWEST = "approved", "newest"
MAX_EVENTS_NAMED = 10
MAX_EVENTS = 5_000
"""How many events of one body may be tried at once."""

MAX_ADVICE, MAX_ADVICE_PER_EVENT = 500, 20
"""How many different violations of one call, and of one event, get advice: looking for similar names takes time."""

VERSION_PATTERN = r"^([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}|approved|newest)\Z"
"""What can be asked for as `version`."""


class UnknownVersion(ValueError):
    """A version that an event to be tried does not have. The text says which ones it has."""


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """What the check would say of one event. `advice` says for each violation what would do, or ""."""

    index: int
    event: str  # the name that it would count under
    event_id: int | None
    version: str  # "" where it is validated against none
    result: ValidationResult
    advice: tuple[str, ...] = ()

    def passes(self, *, strict: bool = False) -> bool:
        """Tell whether the event conforms; where `strict`, whether it does so without a warning."""
        return self.result.verdict is Verdict.CONFORMING and not (strict and self.result.violations)

    def as_json(self, *, strict: bool = False) -> dict[str, Any]:
        """Return it as the API shows it."""
        shown = self.result.as_json()
        for violation, advice in zip(shown["violations"], self.advice, strict=True):
            violation["advice"] = advice
        return {
            "index": self.index,
            "event": self.event,
            "event_id": self.event_id,
            "version": self.version or None,
            "passes": self.passes(strict=strict),
            **shown,
        }


class _ChosenVersion(NamedTuple):
    pk: int
    number: str


def dry_run_events(
    source: Source,
    environment: Environment | str,
    events: Sequence[ParsedJson],
    *,
    wire: WireChoice | str = WireChoice.SEGMENT,
    call: str = "",
    envelope: Envelope | None = None,
    version: str = "",
    received_at: datetime | None = None,
) -> list[DryRunResult]:
    """Return what the check would say of events that a source sent now, in their order.

    `events` are as the SDK of the wire sends them, `envelope` holds what it says once for all of them, and `call` is
    the one that the path names. `version` is what they are held against: "" for what the source is bound to, a number,
    `approved` for the newest that is approved for the source, `newest` for the newest of all. An event that is defined
    for no source at all, as imports without sources leave it, is validated against its newest version. A fixed number
    of queries, whatever the number of events. Raises UnknownVersion.
    """
    batch = new_batch(source, environment, wire=wire, call=call, received_at=received_at)
    return dry_run_parsed(source, environment, parse_values(events, batch=batch, envelope=envelope), version=version)


def dry_run_body(
    source: Source,
    environment: Environment | str,
    body: bytes,
    *,
    wire: WireChoice | str = WireChoice.SEGMENT,
    call: str = "",
    version: str = "",
) -> list[DryRunResult]:
    """Return what the check would say of a body as an SDK posts it, inflated: see `dry_run_events`.

    Raises `catalog.contract.UnparsableBody` and OversizedBody where the collector would, and UnknownVersion.
    """
    batch = new_batch(source, environment, wire=wire, call=call, body=body)
    parsed_events = parse_batch(batch, max_events=MAX_EVENTS, is_dry_run=True)
    return dry_run_parsed(source, environment, parsed_events, version=version)


def is_version(text: str) -> bool:
    """Tell whether a text can be asked for as `version`."""
    return re.match(VERSION_PATTERN, text, re.ASCII) is not None


def new_batch(
    source: Source,
    environment: Environment | str,
    *,
    wire: WireChoice | str = WireChoice.SEGMENT,
    call: str = "",
    body: bytes = b"",
    received_at: datetime | None = None,
) -> InboxBatch:
    """Return the batch that a body would be, which nobody stores."""
    return InboxBatch(
        source=source,
        environment=environment,
        wire=wire,
        call=call,
        body=body,
        size=len(body),
        received_at=received_at or timezone.now(),
    )


def parse_line(batch: InboxBatch) -> list[ParsedEvent]:
    """Return the events of one line of a file: a body as an SDK posts it, or whatever it is as one event.

    What no parser reads, or holds more than the collector takes, is an event that cannot be read; it says why.
    """
    try:
        return parse_batch(batch, is_dry_run=True)
    except OversizedBody as error:
        return parse_values([ParsedJson(str(error))], batch=batch)
    except UnparsableBody as error:
        reason = error.reason
    try:
        value = parse_json(bytes(batch.body))
    except UnparsableBody:
        value = ParsedJson(reason)
    return parse_values([value], batch=batch)


def dry_run_parsed(
    source: Source, environment: Environment | str, parsed_events: Sequence[ParsedEvent], *, version: str = ""
) -> list[DryRunResult]:
    """Return what the check would say of events that were read: see `dry_run_events`."""
    mark_reused_ids(parsed_events)
    SpellingMemory().mark_respelled_ids(parsed_events)
    names = names_of(parsed_events)
    validator = validator_for(source, str(environment), names, event_ids_by_key(names))
    app_versions = resolve_app_versions(source, str(environment), parsed_events)
    validated_events = [
        validator.validate(parsed, app_version) for parsed, app_version in zip(parsed_events, app_versions, strict=True)
    ]
    sensitivity = SensitivityResolver()
    adviser = Adviser(source)
    chosen = _versions_without_source(validated_events) | _chosen_versions(source, validated_events, version)
    return [
        _result(
            index,
            parsed,
            _against_chosen(validator, parsed, validated, app_version, chosen),
            validator,
            app_version,
            adviser,
            sensitivity,
        )
        for index, (parsed, validated, app_version) in enumerate(
            zip(parsed_events, validated_events, app_versions, strict=True)
        )
    ]


def _against_chosen(
    validator: EventValidator,
    parsed: ParsedEvent,
    validated: ValidatedEvent,
    app_version: str,
    chosen: Mapping[int, _ChosenVersion],
) -> ValidatedEvent:
    version = chosen.get(validated.event_id or 0)
    if version is None or validated.event_id is None or version.pk == validated.version_id:
        return validated
    return validator.validate_against(
        parsed,
        validated.seen_name,
        validated.event_id,
        version.pk,
        version.number,
        app_version=app_version,
    )


def _result(
    index: int,
    parsed: ParsedEvent,
    validated: ValidatedEvent,
    validator: EventValidator,
    app_version: str,
    adviser: "Adviser",
    sensitivity: SensitivityResolver,
) -> DryRunResult:
    if parsed.failure:
        return DryRunResult(index, validated.seen_name.name, None, "", ValidationResult(Verdict.UNCHECKED))
    declared = sensitivity.with_exemptions(sensitivity.production(validated.version_id), validated.event_id)
    result = validator.add_text_violations(parsed, validated, app_version, declared)
    advice = adviser.advise(parsed.event_or_empty, validated.version_id, result.violations)
    return DryRunResult(index, validated.seen_name.name, validated.event_id, validated.version_number, result, advice)


@dataclass(slots=True)
class Adviser:
    """Advice on the violations of one call; asked too often it is not told.

    Of a key that nobody knows it is remembered by the keys beside it. Other advice looks at the values of the event.
    """

    source: Source
    remembered: dict[tuple[int, str, frozenset[str]], str] = field(default_factory=dict)
    asked: int = 0

    def advise(
        self, event: NormalisedEvent, version_id: int | None, violations: Sequence[Violation]
    ) -> tuple[str, ...]:
        """Return what would do for each violation of an event, "" where there is nothing to say."""
        if version_id is None:
            return ("",) * len(violations)
        told = [self._advise(event, version_id, violation) for violation in violations[:MAX_ADVICE_PER_EVENT]]
        return (*told, *("" for _ in violations[MAX_ADVICE_PER_EVENT:]))

    def _advise(self, event: NormalisedEvent, version_id: int, violation: Violation) -> str:
        key = (version_id, violation.path, _keys_beside(event, violation))
        if violation.rule == UNKNOWN_PROPERTY.code and key in self.remembered:
            return self.remembered[key]
        if self.asked == MAX_ADVICE:
            return ""
        self.asked += 1
        part = next(iter(parse_pointer(violation.path)), "")
        advice = advise(violation, event, get_contract(version_id, self.source).schema_of(part))
        if violation.rule == UNKNOWN_PROPERTY.code:
            self.remembered[key] = advice
        return advice


def _keys_beside(event: NormalisedEvent, violation: Violation) -> frozenset[str]:
    """Return the keys of the object in which a violation stands: an unknown one was meant to be none of them."""
    part, *steps = parse_pointer(violation.path) or [""]
    parent = value_at(getattr(event, part, None), steps[:-1])
    return frozenset(parent) if isinstance(parent, dict) else frozenset()


def _chosen_versions(
    source: Source, validated_events: Sequence[ValidatedEvent], version: str
) -> dict[int, _ChosenVersion]:
    """Return what each defined event is held against where the caller names it. One query for all of them."""
    names = {validated.event_id: validated.seen_name.name for validated in validated_events if validated.event_id}
    if not version or not names:
        return {}
    versions = Version.objects.approved_for(source) if version == APPROVED else Version.objects.active()
    rows = versions.filter(event__in=names).order_by("-major", "-minor", "-patch").defer("definition", "comparison")
    by_event: dict[int, list[_ChosenVersion]] = defaultdict(list)
    for row in rows:
        by_event[row.event_id].append(_ChosenVersion(row.pk, str(row.number)))
    if version in (APPROVED, NEWEST):
        return {event_id: found[0] for event_id, found in by_event.items()}
    chosen = {event_id: match for event_id, found in by_event.items() for match in found if match.number == version}
    if missing := [event_id for event_id in names if event_id not in chosen]:
        numbers = {pk: ", ".join(each.number for each in by_event[pk][:MAX_EVENTS_NAMED]) or "none" for pk in missing}
        told = "; ".join(f"{names[event_id]} has {numbers[event_id]}" for event_id in missing[:MAX_EVENTS_NAMED])
        raise UnknownVersion(f"There is no version {version}: {told}.")
    return chosen


def _versions_without_source(validated_events: Sequence[ValidatedEvent]) -> dict[int, _ChosenVersion]:
    """Return the newest version of the events among those of the wrong source that are defined for no source at all."""
    event_ids = {
        validated.event_id
        for validated in validated_events
        if validated.event_id is not None and validated.result.verdict is Verdict.WRONG_SOURCE
    }
    if not event_ids:
        return {}
    assigned = VersionSource.objects.filter(version__event=OuterRef("pk"))
    events = Event.objects.filter(~Exists(assigned), pk__in=event_ids, newest_version__isnull=False)
    return {
        event.pk: _ChosenVersion(event.newest_version.pk, str(event.newest_version.number))
        for event in events.select_related("newest_version")
        if event.newest_version is not None
    }
