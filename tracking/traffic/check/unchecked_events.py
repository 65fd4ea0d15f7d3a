"""Events that we failed to check: kept in quarantine with what they were counted as, which is taken back later."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone

from catalog.contract import ParsedJson, Verdict
from tracking.traffic.check.evaluation import PendingEvent
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.check.seen_names import SeenNameKey
from tracking.traffic.collect.wires import get_wire
from tracking.traffic.counts.deltas import RollupKey, TrafficDelta, hour_start
from tracking.traffic.models import InboxBatch, QuarantinedBatch

log = structlog.get_logger(__name__)

MAX_QUARANTINED_ALONE = 5
"""How many failed events of one batch get a row each; more get one row together, since the failure is general then."""

MAX_REASONS = 5

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def quarantine_unchecked(events: Sequence[PendingEvent], seen_names: Mapping[SeenNameKey, int]) -> None:
    """Keep the events of a claim that we failed to check, with what each was counted as, and log once for each batch.

    A few of a batch are kept alone, so that each can be sent again by itself; more are kept in one row. The cost is
    linear in the number of events and in the size of the bodies.
    """
    events_by_batch: defaultdict[int, list[PendingEvent]] = defaultdict(list)
    for event in events:
        events_by_batch[event.parsed.batch.pk].append(event)
    for failed in events_by_batch.values():
        groups = [[event] for event in failed] if len(failed) <= MAX_QUARANTINED_ALONE else [failed]
        rows = QuarantinedBatch.objects.bulk_create(_build_rows(groups, seen_names))
        log.error(
            "events could not be checked and are quarantined",
            batch=failed[0].parsed.batch.pk,
            events=len(failed),
            quarantined=[row.pk for row in rows],
            error=_reason(failed),
        )


def reverse_unchecked_counts(batches: Sequence[InboxBatch], delta: TrafficDelta) -> None:
    """Take back what events that were sent again from quarantine were counted as."""
    for batch in batches:
        for seen_name_id, app_version, count, late, possible_repeats, undated in _counts_of(batch):
            key = RollupKey(
                hour_start(batch.received_at),
                batch.source_id,
                batch.environment,
                seen_name_id,
                app_version,
                0,
                Verdict.UNCHECKED.value,
            )
            if batch.is_history:
                delta.add(key, received_at=LONG_AGO, historical=-count)  # nothing is seen by it
                continue
            delta.add(
                key,
                received_at=batch.received_at,
                count=-count,
                late=-late,
                possible_repeats=-possible_repeats,
                undated=-undated,
            )


def counted_for(counted: Mapping[str, Any] | None, kept: Sequence[tuple[int, ParsedEvent]]) -> dict[str, Any] | None:
    """Return what is noted of a body's events for one that is written anew and holds some of them alone.

    `kept` are these with their places in the body. Of damaged JSON their parse errors are noted, which the new body no
    longer shows. What events were counted as stays: all of it is taken back when the body is sent again.
    """
    parse_errors = {
        str(number): [[error.pointer, error.reason] for error in parsed.parse_errors]
        for number, (_, parsed) in enumerate(kept)
        if parsed.parse_errors and (counted is not None or isinstance(parsed.received, ParsedJson))
    }
    if counted is None:
        return {"parse_errors": parse_errors} if parse_errors else None
    new_place = {place: number for number, (place, _) in enumerate(kept)}
    moved = {
        name: [new_place[place] for place in counted.get(name, ()) if place in new_place]
        for name in ("possible_repeats", "reused_ids")
    }
    return {**counted, "parse_errors": parse_errors, **moved}


def _build_rows(
    groups: Sequence[Sequence[PendingEvent]], seen_names: Mapping[SeenNameKey, int]
) -> list[QuarantinedBatch]:
    """Return a row for each group; all groups are of one batch, whose body is split once."""
    batch = groups[0][0].parsed.batch
    wire = get_wire(batch.wire)
    envelope = wire.split(bytes(batch.body), call=batch.call, max_events=settings.COLLECT_MAX_EVENTS)
    rows = []
    for events in groups:
        body = wire.body_of([event.parsed.json_bytes for event in events], envelope=envelope, call=batch.call)
        rows.append(
            QuarantinedBatch(
                source_id=batch.source_id,
                environment=batch.environment,
                wire=batch.wire,
                call=batch.call,
                body=body,
                size=len(body),
                event_count=len(events),
                received_at=batch.received_at,
                is_history=batch.is_history,
                attempts=batch.attempts,
                reason=_reason(events),
                quarantined_at=timezone.now(),
                counted=_counted(events, seen_names),
            )
        )
    return rows


def _reason(events: Sequence[PendingEvent]) -> str:
    """Return where we failed, the most frequent place first."""
    failures = Counter(event.parsed.failure for event in events)
    if len(events) == 1:
        return events[0].parsed.failure
    return "; ".join(f"{failure} ({count:,} events)" for failure, count in failures.most_common(MAX_REASONS))


def _counted(events: Sequence[PendingEvent], seen_names: Mapping[SeenNameKey, int]) -> dict[str, Any]:
    """Return as JSON what the events were counted as, and their parse errors, which their new body no longer shows.

    `counts` are (seen name's id, app version, events, late ones, possible repeats, undated ones), `parse_errors` pairs
    of pointer and reason by the event's place in the body, `possible_repeats` and `reused_ids` places in it.
    """
    counts: dict[tuple[int, str], list[int]] = {}
    for event in events:
        totals = counts.setdefault((seen_names[event.validated.seen_name], event.counted_app_version), [0, 0, 0, 0])
        totals[0] += 1
        totals[1] += event.parsed.time.is_late
        totals[2] += event.parsed.is_possible_repeat
        totals[3] += not event.parsed.time.is_reliable
    return {
        "counts": [[*key, *totals] for key, totals in sorted(counts.items())],
        "parse_errors": {
            str(place): [[error.pointer, error.reason] for error in event.parsed.parse_errors]
            for place, event in enumerate(events)
            if event.parsed.parse_errors
        },
        "possible_repeats": [place for place, event in enumerate(events) if event.parsed.is_possible_repeat],
        "reused_ids": [place for place, event in enumerate(events) if event.parsed.is_id_reused],
    }


def _counts_of(batch: InboxBatch) -> list[tuple[int, str, int, int, int, int]]:
    counted = batch.counted
    if counted is None or not batch.was_counted:
        return []
    if "counts" not in counted:  # quarantined before 2026-12: one event, whose lateness was not noted
        return [(counted["seen_name"], counted["app_version"], batch.event_count, 0, 0, 0)]
    # Rows that were quarantined before what cannot be dated was counted end without it.
    return [(*row[:5], row[5] if len(row) > 5 else 0) for row in counted["counts"]]
