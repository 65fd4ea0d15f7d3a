"""The check: what a worker does with the batches it has claimed, in one transaction that deletes them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from catalog.contract import Verdict
from tracking.traffic import maintenance_lock
from tracking.traffic.check import sample_retention
from tracking.traffic.check.cardinality_limits import admitted
from tracking.traffic.check.check_results import Recorder
from tracking.traffic.check.dedup import fresh
from tracking.traffic.check.error_location import place_of
from tracking.traffic.check.evaluation import Group, Judgeable
from tracking.traffic.check.event_parsing import Opened, alone, open_batch
from tracking.traffic.check.event_validator import known_events
from tracking.traffic.check.inbox_queue import Claim, give_back, put_off
from tracking.traffic.check.seen_names import Name, seen_name_ids
from tracking.traffic.counts.deltas import Counting, CountKey, hour_of
from tracking.traffic.models import InboxBatch, QuarantinedBatch

log = structlog.get_logger(__name__)


def run(claim: Claim) -> int:
    """Check a claim and return how many events it held; where that fails, give it back and return 0."""
    return attempt(claim) or 0


def attempt(claim: Claim) -> int | None:
    """Check a claim and return how many events it held; where that fails, give it back and return None.

    Whatever goes wrong is reported to the inbox, which tries each batch alone and quarantines it in the end; but
    where the database failed (away, full, a lock that took too long), no batch is to blame.
    """
    try:
        return check(claim)
    except (OperationalError, InterfaceError) as error:
        reason = place_of(error)
        log.error("the database failed a check; its batches are tried again later", error=reason)
        put_off(claim, reason)
        return None
    except Exception as error:
        reason = place_of(error)
        log.error("a check failed; its batches are tried one by one", error=reason, is_alone=claim.is_alone)
        give_back(claim, reason)
        return None


@transaction.atomic
def check(claim: Claim) -> int:
    """Check what a claim still holds: counts, samples and what recorders keep are written, the batches deleted.

    All or nothing, in one transaction. Rows of every table are written in sorted order, and the tables in the order
    below, so that two workers wait for each other and never deadlock. Returns the number of events.
    """
    maintenance_lock.share()
    batches = list(
        InboxBatch.objects.select_for_update(of=("self",))
        .select_related("source")
        .filter(lease=claim.lease)
        .order_by("id")
    )
    opened = [one for batch in batches for one in open_batch(batch)]
    groups = _judged(opened)
    events = [one for group in groups for one in group.events]
    _mark_over_caps(groups, events)
    first_received = min((batch.received_at for batch in batches), default=timezone.now())
    seen_names = seen_name_ids((one.judged.name for one in events), at=first_received)
    _mark_repeats(groups, events)

    counting = Counting()
    for group in groups:
        group.count(counting, seen_names)
    _take_back(batches, counting)
    counting.write()
    checked = [group.checked(seen_names) for group in groups]
    sample_retention.write(sample for _, kept in checked for sample in kept)
    _quarantine([one for one in events if one.is_unchecked and not one.is_repeat], seen_names)
    for batch, _ in checked:
        for record in recorders():
            record(batch)
    InboxBatch.objects.filter(pk__in=[batch.pk for batch in batches]).delete()
    return len(opened)


@cache
def recorders() -> tuple[Recorder, ...]:
    """Return the callables that `settings.TRAFFIC_RECORDERS` names, in its order."""
    return tuple(import_string(name) for name in settings.TRAFFIC_RECORDERS)


def _judged(opened: Sequence[Opened]) -> list[Group]:
    """Return the events by source and environment, with their verdicts, in sorted order."""
    events = known_events(opened)
    parts: defaultdict[tuple[int, str], list[Opened]] = defaultdict(list)
    for one in opened:
        parts[one.batch.source_id, one.batch.environment].append(one)
    return [
        Group.judged(part[0].batch.source, environment, part, events)
        for (_, environment), part in sorted(parts.items(), key=lambda item: item[0])
    ]


def _mark_over_caps(groups: Sequence[Group], events: Sequence[Judgeable]) -> None:
    entries = {entry for one in events for entry in (one.cap_entry, one.version_entry) if entry is not None}
    within = admitted(entries)
    for group in groups:
        group.cap(within)


def _mark_repeats(groups: Sequence[Group], events: Sequence[Judgeable]) -> None:
    """Mark all but the first of each id that was not seen within the window; likeness without an id is only noted."""
    for group in groups:
        group.note_keys()
    keyed = [(key, one) for one in events if (key := one.key or one.content_key) is not None]
    unseen = fresh((key, one.opened.received_at) for key, one in keyed)
    for key, one in keyed:
        if key in unseen:
            unseen.remove(key)
        elif one.key is not None:
            one.is_repeat = True
        else:
            one.is_possible_repeat = True


def _take_back(batches: Sequence[InboxBatch], counting: Counting) -> None:
    """Take back the counts as unchecked of events that were sent again from quarantine."""
    for batch in batches:
        if batch.counted is not None:
            key = CountKey(
                hour_of(batch.received_at),
                batch.source_id,
                batch.environment,
                batch.counted["seen_name"],
                batch.counted["app_version"],
                0,
                Verdict.UNCHECKED.value,
            )
            counting.add(key, at=batch.received_at, count=-batch.event_count)


def _quarantine(unchecked: Sequence[Judgeable], seen_names: Mapping[Name, int]) -> None:
    """Keep each event that we failed to check alone, with what it was counted as, and raise the alarm."""
    for one in unchecked:
        batch, body = one.opened.batch, alone(one.opened)
        kept = QuarantinedBatch.objects.create(
            source_id=batch.source_id,
            environment=batch.environment,
            wire=batch.wire,
            call=batch.call,
            body=body,
            size=len(body),
            event_count=1,
            received_at=batch.received_at,
            attempts=batch.attempts,
            reason=one.opened.failure,
            quarantined_at=timezone.now(),
            counted={
                "seen_name": seen_names[one.judged.name],
                "app_version": one.app_version,
                "faults": [[fault.pointer, fault.reason] for fault in one.opened.faults],
            },
        )
        log.error("an event could not be checked", quarantined=kept.pk, error=one.opened.failure)
