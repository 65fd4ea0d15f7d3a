"""Checked batches as the check would hand them over, for tests of what is recorded of them."""

from datetime import UTC, datetime
from typing import Any

from catalog.contract import Event, Severity, ValidationResult, Verdict, Violation, name_hash
from catalog.contract.event_time import EventTime
from catalog.models import Source
from catalog.resolution.binding_resolver import BindingResolver
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent
from tracking.traffic.check.seen_names import seen_name_key
from tracking.traffic.check.validated_event import ValidatedEvent
from tracking.traffic.models import SeenName
from tracking.traffic.privacy.masking import MaskedEvent

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def make_violation(path: str = "/properties/total", rule: str = "type", **fields: Any) -> Violation:
    """A violation of severity error at a path."""
    given: dict[str, Any] = {
        "path": path,
        "definition_path": path,
        "rule": rule,
        "severity": Severity.ERROR,
        "expected": "number",
        "came": '"27.50"',
    }
    return Violation(**given | fields)


def make_seen_name(name: str = "Order Completed") -> SeenName:
    """The row of a name that traffic brought."""
    row, _created = SeenName.objects.get_or_create(
        call="track", name_hash=name_hash(name), defaults={"name": name, "first_seen": NOON}
    )
    return row


def evaluated_event(
    name: SeenName,
    *violations: Violation,
    received_at: datetime = NOON,
    event_time: datetime | None = None,
    app_version: str = "2.4.1",
    version_number: str = "1.0.0",
    event_id: int | None = None,
    is_repeat: bool = False,
    masked_event: dict[str, Any] | None = None,
    masked_paths: tuple[str, ...] = (),
) -> CheckedEvent:
    """One event of that name that broke these rules; it came when it happened unless both times are given."""
    event = Event(call="track", event=name.name, properties={"total": "27.50"})
    verdict = Verdict.NONCONFORMING if violations else Verdict.CONFORMING
    masked = MaskedEvent(event.as_json() if masked_event is None else masked_event, masked_paths)
    return CheckedEvent(
        event,
        ValidatedEvent(
            seen_name_key(name.call, name.name), event_id, None, version_number, ValidationResult(verdict, violations)
        ),
        name.pk,
        app_version,
        received_at,
        EventTime(event_time or received_at),
        is_repeat,
        lambda _event, _validated: masked,
    )


def evaluated_batch(source: Source, *events: CheckedEvent, environment: str = "production") -> CheckedBatch:
    """Those events, as one batch of a source."""
    return CheckedBatch(source, environment, events, BindingResolver(source, environment))
