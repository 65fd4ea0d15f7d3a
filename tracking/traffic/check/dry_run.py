"""Try events against the catalog: the same verdicts as the check's, and nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.choices import Environment
from catalog.contract import ParsedJson, ValidationResult, Verdict
from catalog.models import Event, Source, VersionSource
from tracking.traffic.check.app_version_resolution import resolve_app_versions
from tracking.traffic.check.evaluation import EMPTY_EVENT
from tracking.traffic.check.event_parsing import parse_values
from tracking.traffic.check.event_validator import ValidatedEvent, defined_events, validator_for
from tracking.traffic.choices import WireChoice
from tracking.traffic.models import InboxBatch


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """What the check would say of one event."""

    index: int
    event: str  # the name that it would count under
    event_id: int | None
    version: str  # "" where it is validated against none
    result: ValidationResult

    def as_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "index": self.index,
            "event": self.event,
            "event_id": self.event_id,
            "version": self.version or None,
            **self.result.as_json(),
        }


def dry_run_events(
    source: Source,
    environment: Environment | str,
    events: Sequence[ParsedJson],
    *,
    wire: WireChoice | str = WireChoice.SEGMENT,
    received_at: datetime | None = None,
) -> list[DryRunResult]:
    """Return what the check would say of events that a source sent now, in their order.

    `events` are as the SDK of the wire sends them. An event that is defined for no source at all, as imports
    without sources leave it, is validated against its newest version. A fixed number of queries, whatever their number.
    """
    batch = InboxBatch(source=source, environment=environment, wire=wire, received_at=received_at or timezone.now())
    parsed_events = parse_values(events, batch=batch)
    events_by_name = defined_events(parsed_events)
    validator = validator_for(source, str(environment), parsed_events, events_by_name)
    app_versions = resolve_app_versions(source, str(environment), parsed_events)
    validated_events = [
        validator.validate(
            parsed.event or EMPTY_EVENT,
            definition_version=parsed.definition_version,
            app_version=app_version,
            received_at=batch.received_at,
        )
        for parsed, app_version in zip(parsed_events, app_versions, strict=True)
    ]
    without_source = _events_without_source(validated_events)
    results = []
    for index, (parsed, validated, app_version) in enumerate(
        zip(parsed_events, validated_events, app_versions, strict=True)
    ):
        event = parsed.event or EMPTY_EVENT
        newest = without_source.get(validated.event_id or 0)
        if newest is not None and newest.newest_version is not None:
            version = newest.newest_version
            validated = validator.validate_against(
                event, validated.seen_name, newest.pk, version.pk, str(version.number), app_version=app_version
            )
        result = validator.add_sample_violations(event, validated, app_version)
        results.append(
            DryRunResult(index, validated.seen_name.name, validated.event_id, validated.version_number, result)
        )
    return results


def _events_without_source(validated_events: Sequence[ValidatedEvent]) -> dict[int, Event]:
    """Return the events among those of the wrong source that are defined for no source at all."""
    event_ids = {
        validated.event_id
        for validated in validated_events
        if validated.event_id is not None and validated.result.verdict is Verdict.WRONG_SOURCE
    }
    if not event_ids:
        return {}
    assigned = VersionSource.objects.filter(version__event=OuterRef("pk"))
    events = Event.objects.filter(~Exists(assigned), pk__in=event_ids, newest_version__isnull=False)
    return {event.pk: event for event in events.select_related("newest_version")}
