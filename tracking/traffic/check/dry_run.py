"""Try events against the catalog: the same verdicts as the check's, and nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.choices import Environment
from catalog.contract import Judgement, Reading, Verdict
from catalog.models import Event, Source, VersionSource
from catalog.resolution.contract_cache import contract_of
from tracking.traffic.check.app_version_resolution import app_versions
from tracking.traffic.check.evaluation import NOBODY
from tracking.traffic.check.event_parsing import Opened, open_values
from tracking.traffic.check.event_validator import Judged, judge_for, known_events
from tracking.traffic.choices import Wire
from tracking.traffic.models import InboxBatch


@dataclass(frozen=True, slots=True)
class CheckedPayload:
    """What the check would say of one event."""

    index: int
    event: str  # the name that it would count under
    event_id: int | None
    version: str  # "" where it is held against none
    judgement: Judgement

    def as_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "index": self.index,
            "event": self.event,
            "event_id": self.event_id,
            "version": self.version or None,
            **self.judgement.as_json(),
        }


def check_payloads(
    source: Source,
    environment: Environment | str,
    events: Sequence[Reading],
    *,
    wire: Wire | str = Wire.SEGMENT,
    at: datetime | None = None,
) -> list[CheckedPayload]:
    """Return what the check would say of events that a source sent now, in their order.

    `events` are as the SDK of the wire sends them. An event that is defined for no source at all, as imports
    without sources leave it, is held against its newest version. A fixed number of queries, whatever their number.
    """
    batch = InboxBatch(source=source, environment=environment, wire=wire, received_at=at or timezone.now())
    opened = open_values(events, batch=batch)
    known = known_events(opened)
    judge = judge_for(source, str(environment), opened, known)
    judged = [
        judge.judge(
            one.event or NOBODY,
            definition_version=one.definition_version,
            app_version=app_version,
            received_at=batch.received_at,
        )
        for one, app_version in zip(opened, app_versions(source, str(environment), opened), strict=True)
    ]
    unassigned = _unassigned(judged)
    return [
        _payload(index, one, found, unassigned) for index, (one, found) in enumerate(zip(opened, judged, strict=True))
    ]


def _unassigned(judged: Sequence[Judged]) -> dict[int, Event]:
    """Return the events among those of the wrong source that are defined for no source at all."""
    ids = {
        found.event_id
        for found in judged
        if found.event_id is not None and found.judgement.verdict is Verdict.WRONG_SOURCE
    }
    if not ids:
        return {}
    assigned = VersionSource.objects.filter(version__event=OuterRef("pk"))
    events = Event.objects.filter(~Exists(assigned), pk__in=ids, newest_version__isnull=False)
    return {event.pk: event for event in events.select_related("newest_version")}


def _payload(index: int, one: Opened, found: Judged, unassigned: dict[int, Event]) -> CheckedPayload:
    judgement, number = found.judgement, found.number
    event = unassigned.get(found.event_id or 0)
    if event is not None and event.newest_version is not None and one.event is not None:
        number = str(event.newest_version.number)
        judgement = contract_of(event.newest_version.pk, one.batch.source.slug).check(one.event)
    return CheckedPayload(index, found.name.text, found.event_id, number, judgement)
