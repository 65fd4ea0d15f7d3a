"""Batches of more events than are checked at once, which came before there was a bound, or while it was higher."""

import time

import structlog
from django.conf import settings
from django.db import transaction

from tracking.traffic import maintenance_lock
from tracking.traffic.check.error_location import error_location
from tracking.traffic.check.quarantine import quarantine_batch
from tracking.traffic.collect.wires import get_wire
from tracking.traffic.models import InboxBatch

log = structlog.get_logger(__name__)

INDIVISIBLE = "It holds more events than are checked at once, and cannot be divided: {location}."
PIECES_AT_ONCE = 10
MAX_SECONDS = 5.0


def divide_overlong_batches() -> int:
    """Divide each waiting batch that no claim may take into batches that one may, and return how many those were.

    What cannot be divided, such as damaged JSON, is quarantined. One batch is in memory at a time, its events never.
    After some seconds the rest waits for the next time.
    """
    deadline = time.monotonic() + MAX_SECONDS
    divided = 0
    while time.monotonic() < deadline and _divide_next():
        divided += 1
    return divided


@transaction.atomic
def _divide_next() -> bool:
    maintenance_lock.acquire_shared()
    waiting = InboxBatch.objects.filter(lease=None, event_count__gt=settings.COLLECT_MAX_EVENTS)
    batch = waiting.order_by("id").select_for_update(of=("self",), skip_locked=True).first()
    if batch is None:
        return False
    try:
        with transaction.atomic():
            _store_pieces(batch)
    except Exception as error:  # whatever it holds: it is kept, and stands in nobody's way
        reason = INDIVISIBLE.format(location=error_location(error))
        quarantine_batch(batch, reason=reason)
        log.error("a batch is too large to be checked and is quarantined", batch=batch.pk, source=batch.source_id)
    batch.delete()
    return True


def _store_pieces(batch: InboxBatch) -> None:
    """Store the events of a batch as several. Raises what the wire raises for a body that it cannot divide."""
    if batch.counted is not None:
        raise ValueError("what its events were counted as is known by their places in it")
    pieces: list[InboxBatch] = []
    bodies = get_wire(batch.wire).divide(bytes(batch.body), call=batch.call, max_events=settings.COLLECT_MAX_EVENTS)
    for event_count, body in bodies:
        pieces.append(
            InboxBatch(
                source_id=batch.source_id,
                environment=batch.environment,
                wire=batch.wire,
                call=batch.call,
                body=body,
                size=len(body),
                event_count=event_count,
                received_at=batch.received_at,
                is_history=batch.is_history,
            )
        )
        if len(pieces) == PIECES_AT_ONCE:
            InboxBatch.objects.bulk_create(pieces)
            pieces = []
    InboxBatch.objects.bulk_create(pieces)
