"""The events of one source and environment in the check: their verdicts, their counts, and what is kept of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import randrange

import msgspec
import structlog
from django.db import DatabaseError
from msgspec import structs

from catalog.choices import Environment
from catalog.contract import Event, Severity, ValidationResult, Verdict, clean_name, unchecked
from catalog.contract.rules.violation import violation_sort_key
from catalog.contract.text_memory import TextInspection
from catalog.models import Source
from tracking.traffic.check.app_version_resolution import resolve_app_versions
from tracking.traffic.check.cardinality_limits import DistinctValue
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent
from tracking.traffic.check.error_location import error_location
from tracking.traffic.check.event_parsing import ParsedBody, ParsedEvent
from tracking.traffic.check.event_validator import EventValidator, candidate_verdicts
from tracking.traffic.check.sample_retention import select_newest
from tracking.traffic.check.seen_names import (
    OVERFLOW_NAME,
    UNREADABLE_NAME,
    SeenNameKey,
    seen_name_key,
    undefined_name_key,
)
from tracking.traffic.check.text_budget import inspections_by_name, unlimited_inspection
from tracking.traffic.check.validated_event import ValidatedEvent
from tracking.traffic.choices import LimitKind
from tracking.traffic.counts.deltas import RollupKey, TrafficDelta, hour_start
from tracking.traffic.models import Sample
from tracking.traffic.privacy.declared_sensitivity import DeclaredSensitivity, SensitivityResolver
from tracking.traffic.privacy.masking import FULLY_MASKED, MaskedEvent, mask_event

log = structlog.get_logger(__name__)

MAX_VIOLATIONS = 20_000
FEW_VIOLATIONS = 20
"""How many violations of one source and environment a check keeps. Past that it keeps a few of each event, errors
first: what costs time and memory is each of them, and more of them change no verdict."""

VERDICT_TEXTS = {verdict: verdict.value for verdict in Verdict}
"""What columns hold of a verdict; the enum's own `value` takes several times as long."""

EARLIEST_SEEN = datetime(1970, 1, 1, tzinfo=UTC)
"""History that says it is older was seen then: the year 1 has no place in the calendars of half the world's zones."""


class PendingEvent(msgspec.Struct):
    """One parsed event with its verdict, while the claim that it came in is checked.

    `app_version` is what the event has, which rules are asked about; it is counted under `counted_app_version`.
    `result_before_texts` is its result before its texts were looked into, `has_checked_texts` whether all of them were.
    """

    parsed: ParsedEvent
    validated: ValidatedEvent
    app_version: str
    is_app_version_past_limit: bool = False
    is_sampled: bool = False
    result_before_texts: ValidationResult | None = None
    has_checked_texts: bool = False

    @property
    def is_unchecked(self) -> bool:
        return self.validated.result.verdict is Verdict.UNCHECKED

    @property
    def counted_app_version(self) -> str:
        """The app version as rows hold it: `(other)` past the cap."""
        return OVERFLOW_NAME if self.is_app_version_past_limit else self.app_version


@dataclass(slots=True)
class EventGroup:
    """The events of one source and environment within a set."""

    source: Source
    environment: str
    bodies: Sequence[ParsedBody]
    validator: EventValidator
    events: list[PendingEvent] = field(default_factory=list)
    _recorded: list[PendingEvent] = field(default_factory=list)
    """All but those that we failed to check, and history, of which only counts are kept."""
    sensitivity: SensitivityResolver = field(default_factory=SensitivityResolver)
    _declared: dict[tuple[int | None, int | None], DeclaredSensitivity] = field(default_factory=dict)
    _violation_count: int = 0

    @property
    def parsed_events(self) -> list[ParsedEvent]:
        """The events as they were read, in the order in which they came."""
        return [parsed for body in self.bodies for parsed in body.events]

    def validate(self) -> None:
        """Validate the events. At most two queries, besides those for contracts that are not cached."""
        parsed_events = self.parsed_events
        unknown = [parsed for parsed in parsed_events if parsed.app_version is None]
        for parsed, app_version in zip(
            unknown, resolve_app_versions(self.source, self.environment, unknown), strict=True
        ):
            parsed.app_version = app_version
        for parsed in parsed_events:
            app_version = parsed.app_version or ""
            self.events.append(PendingEvent(parsed, self._validate(parsed, app_version), app_version))
        self._recorded = [
            event for event in self.events if not event.is_unchecked and not event.parsed.batch.is_history
        ]

    def _validate(self, parsed: ParsedEvent, app_version: str) -> ValidatedEvent:
        if parsed.event is not None and not parsed.failure:
            try:
                return self._within_violation_limit(self.validator.validate(parsed, app_version))
            except DatabaseError:
                raise  # the transaction is over, whatever this event holds
            except Exception as error:
                parsed.failure = error_location(error)
        seen_name = (
            undefined_name_key(parsed.event) if parsed.event is not None else seen_name_key("track", UNREADABLE_NAME)
        )
        return ValidatedEvent(seen_name, None, None, "", unchecked(parsed.event_or_empty))

    def _within_violation_limit(self, validated: ValidatedEvent) -> ValidatedEvent:
        count = len(validated.result.violations)
        if count > FEW_VIOLATIONS and self._violation_count + count > MAX_VIOLATIONS:
            contract_result = validated.contract_result
            validated = structs.replace(
                validated,
                result=_few_violations(validated.result),
                contract_result=None if contract_result is None else _few_violations(contract_result),
            )
        self._violation_count += len(validated.result.violations)
        return validated

    def limited_values(self) -> dict[DistinctValue, str]:
        """Return what of the events counts against a cap, with its text: each app version and each undefined name.

        Names of the catalog are few anyway.
        """
        app_versions: dict[tuple[datetime, str], str] = {}
        names: dict[tuple[datetime, SeenNameKey], str] = {}
        for event in self.events:
            received_at = event.parsed.batch.received_at
            if event.app_version:
                app_versions[received_at, event.app_version] = event.app_version
            if event.validated.event_id is None and event.validated.seen_name.name != UNREADABLE_NAME:
                names[received_at, event.validated.seen_name] = event.validated.seen_name.name
        values = {self._app_version_value(at, text): text for (at, _), text in app_versions.items()}
        return values | {self._name_value(at, name): text for (at, name), text in names.items()}

    def count_as_others(self, refused: Collection[DistinctValue]) -> None:
        """Count what passed a cap under `(other)`."""
        for event in self.events if refused else ():
            received_at, seen_name = event.parsed.batch.received_at, event.validated.seen_name
            if event.validated.event_id is None and self._name_value(received_at, seen_name) in refused:
                name = seen_name_key(seen_name.call, OVERFLOW_NAME)
                event.validated = ValidatedEvent(name, None, None, "", event.validated.result)
            if event.app_version and self._app_version_value(received_at, event.app_version) in refused:
                event.is_app_version_past_limit = True

    def _name_value(self, received_at: datetime, name: SeenNameKey) -> DistinctValue:
        hour = hour_start(received_at)
        return DistinctValue(self.source.pk, self.environment, hour, LimitKind.NAME, name.name_hash)

    def _app_version_value(self, received_at: datetime, app_version: str) -> DistinctValue:
        digest = seen_name_key("", app_version).name_hash
        hour = hour_start(received_at)
        return DistinctValue(self.source.pk, self.environment, hour, LimitKind.APP_VERSION, digest)

    def check_texts(self) -> None:
        """Ask the rules that look into texts, of which each name may have so many looked into: verdicts may change."""
        events = [event for event in self._recorded if not event.parsed.is_repeat]
        # Chance decides where to begin, so that what is looked into is a fair share.
        start = randrange(len(events)) if events else 0  # noqa: S311
        inspections = inspections_by_name(event.validated.seen_name for event in events)
        for event in events[start:] + events[:start]:
            self._check_texts_of(event, inspections[event.validated.seen_name])

    def select_samples(self, seen_names: Mapping[SeenNameKey, int]) -> None:
        """Select the events that will be kept, and look into all of their texts: it may change their verdicts."""
        selected = select_newest(
            [
                (seen_names[event.validated.seen_name], VERDICT_TEXTS[event.validated.result.verdict])
                for event in self._recorded
            ],
            self.environment,
        )
        for position in selected:
            event = self._recorded[position]
            event.is_sampled = True
            if not event.has_checked_texts:
                self._check_texts_of(event, unlimited_inspection())

    def _check_texts_of(self, event: PendingEvent, texts: TextInspection) -> None:
        texts.is_complete = True
        validated = event.validated
        if self.validator.event_rules.may_break_by_texts(event.parsed.event_or_empty, validated.match, texts):
            if event.result_before_texts is None:
                event.result_before_texts = validated.result
            before = structs.replace(validated, result=event.result_before_texts)
            declared = self._declared_with_exemptions(validated)
            result = self.validator.add_text_violations(event.parsed, before, event.app_version, declared, texts)
            event.validated = structs.replace(validated, result=result)
        event.has_checked_texts = texts.is_complete

    def _declared_with_exemptions(self, validated: ValidatedEvent) -> DeclaredSensitivity:
        key = (validated.event_id, validated.version_id)
        declared = self._declared.get(key)
        if declared is None:
            declared = self.sensitivity.with_exemptions(self._declared_sensitivity(validated), validated.event_id)
            self._declared[key] = declared
        return declared

    def add_counts_to(self, delta: TrafficDelta, seen_names: Mapping[SeenNameKey, int]) -> None:
        """Add the events to the counts."""
        hours: dict[datetime, datetime] = {}
        source_id, environment = self.source.pk, self.environment
        for event in self.events:
            parsed, validated = event.parsed, event.validated
            at = parsed.batch.received_at
            hour = hours.get(at)
            if hour is None:
                hour = hours[at] = hour_start(at)
            result = validated.result
            key = RollupKey(
                hour,
                source_id,
                environment,
                seen_names[validated.seen_name],
                event.counted_app_version,
                validated.version_id or 0,
                VERDICT_TEXTS[result.verdict],
            )
            is_history, is_repeat = parsed.batch.is_history, parsed.is_repeat
            if is_history or is_repeat:
                # Before all that arrived in this hour, so that nothing is seen by history.
                seen_at = max(EARLIEST_SEEN, min(hour_start(at), event.parsed.time.at)) if is_history else at
                delta.add(key, received_at=seen_at, historical=not is_repeat, repeats=is_repeat)
                continue
            delta.add(
                key,
                received_at=at,
                count=1,
                warned=bool(result.violations) and result.verdict is Verdict.CONFORMING,
                possible_repeats=parsed.is_possible_repeat,
                late=parsed.time.is_late,
                undated=not parsed.time.is_reliable,
            )

    def build_results(self, seen_names: Mapping[SeenNameKey, int]) -> tuple[CheckedBatch, list[Sample]]:
        """Return the events as recorders get them, and the samples to keep.

        What is unchecked is in neither, nor is history. Masked are the events that somebody keeps, when they do so. Of
        one that we fail to mask nothing is kept but its verdict.
        """
        results, samples = [], []
        for pending in self._recorded:
            parsed = pending.parsed
            result = CheckedEvent(
                parsed.event_or_empty,
                pending.validated,
                seen_names[pending.validated.seen_name],
                pending.counted_app_version,
                parsed.batch.received_at,
                parsed.time,
                parsed.is_repeat,
                self._mask,
                parsed.byte_count,
            )
            results.append(result)
            if pending.is_sampled and result.masked_event:
                samples += self._samples_of(result, wire=parsed.batch.wire)
        return CheckedBatch(self.source, self.environment, results, self.validator.binding_resolver), samples

    def _mask(self, event: Event, validated: ValidatedEvent) -> MaskedEvent:
        is_production = self.environment == Environment.PRODUCTION
        try:
            declared = self._declared_sensitivity(validated)
            return mask_event(
                event,
                is_production=is_production,
                sensitivity_by_path=declared.by_path,
                defined_key_paths=declared.defined_key_paths,
                is_name_defined=_is_name_defined(event, validated),
            )
        except DatabaseError:
            raise
        except Exception as error:
            log.error("an event could not be masked; it is not kept", error=error_location(error))
            return FULLY_MASKED

    def _declared_sensitivity(self, validated: ValidatedEvent) -> DeclaredSensitivity:
        if self.environment == Environment.PRODUCTION:
            return self.sensitivity.production(validated.version_id)
        event_id = validated.event_id
        open_version_ids = [] if event_id is None else self.validator.binding_resolver.open_version_ids(event_id)
        return self.sensitivity.outside_production(event_id, validated.version_id, open_version_ids)

    def _samples_of(self, checked: CheckedEvent, *, wire: str) -> list[Sample]:
        """Return the sample of an event; none where we fail to make one, which costs nothing but the sample."""
        try:
            return [self._build_sample(checked, wire=wire)]
        except DatabaseError:
            raise
        except Exception as error:
            log.error("a sample could not be made; it is not kept", error=error_location(error))
            return []

    def _build_sample(self, checked: CheckedEvent, *, wire: str) -> Sample:
        return Sample(
            source_id=self.source.pk,
            environment=self.environment,
            seen_name_id=checked.seen_name_id,
            version_id=checked.version_id,
            app_version=checked.app_version,
            received_at=checked.received_at,
            event_time=checked.event_time,
            is_evidence=checked.is_evidence,
            verdict=checked.result.verdict.value,
            wire=wire,
            violations=[violation.as_json() for violation in checked.result.violations],
            event=checked.masked_event,
            masked=list(checked.masked_paths),
            is_repeat=checked.is_repeat,
            second_verdicts=candidate_verdicts(checked, self.validator.binding_resolver, self.environment),
        )


def _few_violations(result: ValidationResult) -> ValidationResult:
    errors_first = sorted(result.violations, key=lambda violation: violation.severity is not Severity.ERROR)
    return ValidationResult(result.verdict, tuple(sorted(errors_first[:FEW_VIOLATIONS], key=violation_sort_key)))


def _is_name_defined(event: Event, validated: ValidatedEvent) -> bool:
    """Whether the event is known by the very name that it came with: not a page that is known by its call."""
    return (
        validated.event_id is not None
        and isinstance(event.event, str)
        and clean_name(event.event) == validated.seen_name.name
    )
