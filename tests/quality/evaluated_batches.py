"""Checked batches as the check would hand them over, for tests of what is recorded of them."""

from datetime import UTC, datetime
from typing import Any

from catalog.contract import Event, Severity, ValidationResult, Verdict, Violation, name_hash
from catalog.models import Source
from catalog.resolution.binding_resolver import BindingResolver
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent
from tracking.traffic.models import SeenName

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


def evaluated_event(name: SeenName, *violations: Violation, **fields: Any) -> CheckedEvent:
    """One event of that name that broke these rules; it came when it happened unless both times are given."""
    event = Event(call="track", event=name.name, properties={"total": "27.50"})
    given: dict[str, Any] = {
        "event": event,
        "result": ValidationResult(Verdict.NONCONFORMING if violations else Verdict.CONFORMING, violations),
        "seen_name_id": name.pk,
        "call": name.call,
        "name": name.name,
        "event_id": None,
        "version_id": None,
        "version_number": "1.0.0",
        "app_version": "2.4.1",
        "received_at": NOON,
        "is_evidence": True,
        "person_hash": None,
        "is_repeat": False,
        "masked_event": event.as_json(),
    }
    given |= fields
    return CheckedEvent(**{"event_time": given["received_at"]} | given)


def evaluated_batch(source: Source, *events: CheckedEvent, environment: str = "production") -> CheckedBatch:
    """Those events, as one batch of a source."""
    return CheckedBatch(source, environment, events, BindingResolver(source, environment))
