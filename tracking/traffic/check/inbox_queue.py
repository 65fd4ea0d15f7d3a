"""The inbox as a queue: who works on what, what happens when a worker dies, and when a batch is set aside.

A batch waits (no lease), is claimed (a lease) and is deleted in the transaction of its counts. What was claimed and
not deleted is claimed again, and alone once it is suspect, so that one bad batch cannot hold back the others. Suspect
is what a worker reported an error of, or what lost workers again and again; never what the database failed.
"""

import math
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import BooleanField, DateTimeField, Exists, ExpressionWrapper, Func, OuterRef, Q
from django.db.models.functions import Now

from catalog.models import Source
from tracking.traffic import maintenance_lock
from tracking.traffic.check.quarantine import quarantine_batch
from tracking.traffic.models import InboxBatch

log = structlog.get_logger(__name__)

MAX_CLAIM_BYTES = 8 * 1024 * 1024
"""How many bytes of bodies are claimed together at most; a larger body is claimed alone."""

MAX_CLAIM_EVENTS = 10_000
"""The same of events: tiny ones cost as much to check as others do. What holds more than one body may is not claimed:
`overlong_batches` divides it."""

LEASE_EXPIRED = "The lease ended before its worker reported anything."
MAX_LOST_LEASES = 2
"""A batch is suspect after so many leases that ended before a worker reported: one may end with any restart."""

MAX_ERROR_LENGTH = 2000

_DATABASE_START = Func(function="pg_postmaster_start_time", output_field=DateTimeField())

_SELECT_WAITING_BATCHES = """
    SELECT waiting.id, waiting.size, waiting.event_count
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS source (id, turn)
    CROSS JOIN LATERAL (
        SELECT id, size, event_count FROM traffic_inboxbatch
        WHERE source_id = source.id AND lease IS NULL AND NOT is_alone AND event_count <= %s
          AND (not_before IS NULL OR not_before <= statement_timestamp())
        ORDER BY id LIMIT %s
        FOR UPDATE SKIP LOCKED
    ) AS waiting
    ORDER BY row_number() OVER (PARTITION BY source.id ORDER BY waiting.id), source.turn
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Batches that one worker holds until its lease ends."""

    lease: uuid.UUID
    is_alone: bool


def claim_batches() -> Claim | None:
    """Claim up to `INBOX_CLAIM_BATCHES` waiting batches, the same share from each source; None where none wait.

    The oldest batch of every source comes before the second of any, and the sources in a new order at every claim,
    so that the bound in bytes cuts off nobody for good.
    """
    waiting = InboxBatch.objects.filter(_is_due(), source=OuterRef("pk"), lease=None, is_alone=False)
    source_ids = list(Source.objects.filter(Exists(waiting)).order_by().values_list("pk", flat=True))
    if not source_ids:
        return None
    limit = settings.INBOX_CLAIM_BATCHES
    source_ids = random.sample(source_ids, min(limit, len(source_ids)))  # each gets its turn sooner or later
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _SELECT_WAITING_BATCHES, [source_ids, settings.COLLECT_MAX_EVENTS, math.ceil(limit / len(source_ids))]
            )
            rows = cursor.fetchall()
        return _lease_batches(_ids_within_claim_size(rows), is_alone=False)


def claim_single() -> Claim | None:
    """Claim one batch of a set that failed, the least tried first; None where there is none."""
    with transaction.atomic():
        waiting = InboxBatch.objects.select_for_update(skip_locked=True).filter(_is_due(), lease=None, is_alone=True)
        return _lease_batches(list(waiting.order_by("attempts", "id").values_list("id", flat=True)[:1]), is_alone=True)


def release_expired_leases() -> None:
    """Free what workers left behind: batches whose lease has ended and which nobody holds any more.

    A worker that is merely slow holds the rows' locks and is passed by. Batches of a set are claimed as before, unless
    they lost workers again and again: then one by one. What was claimed alone has used up an attempt; past the last
    one it is quarantined. Leases that ended before the database came up say nothing of their batches.
    """
    with transaction.atomic():
        maintenance_lock.acquire_shared()
        expired = InboxBatch.objects.select_for_update(skip_locked=True).filter(leased_until__lt=Now())
        expired = expired.annotate(
            is_outage=ExpressionWrapper(Q(leased_until__lt=_DATABASE_START), output_field=BooleanField())
        )
        suspects = []
        for batch in expired.order_by("id"):
            if not batch.is_outage:
                batch.lost_leases += 1
            if not batch.is_outage and (batch.is_alone or batch.lost_leases >= MAX_LOST_LEASES):
                suspects.append(batch)
            else:
                _release(batch, LEASE_EXPIRED)
        _isolate_or_quarantine(suspects, LEASE_EXPIRED)


def release_all_leases() -> None:
    """Free every batch that a worker holds, where none of these workers is there any more, by no fault of theirs."""
    InboxBatch.objects.filter(lease__isnull=False).update(lease=None, leased_until=None)


def release_failed_claim(claim: Claim, error: str) -> None:
    """Free a claim whose check failed. Its batches are next claimed one by one; a single one has used an attempt.

    A single one then waits, longer after each attempt, so that a short failure of ours does not use them all up.
    """
    with transaction.atomic():
        maintenance_lock.acquire_shared()
        claimed = InboxBatch.objects.select_for_update().filter(lease=claim.lease)
        batches = list(claimed.order_by("id"))
        _isolate_or_quarantine(batches, error[:MAX_ERROR_LENGTH])
        for batch in batches:
            if claim.is_alone:
                delay = settings.INBOX_RETRY_DELAY * 2**batch.attempts
                InboxBatch.objects.filter(pk=batch.pk).update(not_before=Now() + delay)


def isolate_batches(batches: Sequence[InboxBatch], error: str) -> None:
    """Give back some batches of a claim, to be claimed alone, while the others are checked. Inside its transaction."""
    _isolate_or_quarantine(batches, error[:MAX_ERROR_LENGTH])


def postpone_claim(claim: Claim, error: str) -> None:
    """Free a claim that the database failed, to be claimed as before after a wait: no batch of it is suspect."""
    InboxBatch.objects.filter(lease=claim.lease).update(
        lease=None,
        leased_until=None,
        last_error=error[:MAX_ERROR_LENGTH],
        not_before=Now() + settings.INBOX_RETRY_DELAY,
    )


def _isolate_or_quarantine(batches: Sequence[InboxBatch], error: str) -> None:
    """Let suspect batches be claimed alone; those that were have used an attempt, or are quarantined after the last."""
    for batch in batches:
        batch.attempts += batch.is_alone
        batch.is_alone = True
        if batch.attempts >= settings.INBOX_MAX_ATTEMPTS:
            quarantine_batch(batch, reason=error)
            log.error("a batch could not be checked and is quarantined", batch=batch.pk, source=batch.source_id)
            batch.delete()
        else:
            _release(batch, error)


def _release(batch: InboxBatch, error: str) -> None:
    batch.lease = batch.leased_until = None
    batch.last_error = error
    batch.save(update_fields=["attempts", "is_alone", "lost_leases", "lease", "leased_until", "last_error"])


def _is_due() -> Q:
    return Q(event_count__lte=settings.COLLECT_MAX_EVENTS) & (Q(not_before=None) | Q(not_before__lte=Now()))


def _ids_within_claim_size(rows: Sequence[tuple[int, int, int]]) -> list[int]:
    """Return the ids of the first batches that fit into one claim; at least one."""
    batch_ids: list[int] = []
    total_bytes = total_events = 0
    for batch_id, size, event_count in rows:
        total_bytes += size
        total_events += event_count
        if batch_ids and (total_bytes > MAX_CLAIM_BYTES or total_events > MAX_CLAIM_EVENTS):
            break
        batch_ids.append(batch_id)
    return batch_ids


def _lease_batches(batch_ids: Sequence[int], *, is_alone: bool) -> Claim | None:
    if not batch_ids:
        return None
    lease = uuid.uuid4()
    InboxBatch.objects.filter(pk__in=batch_ids).update(lease=lease, leased_until=Now() + settings.INBOX_LEASE)
    return Claim(lease, is_alone)
