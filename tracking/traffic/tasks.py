"""Tasks of this app. A message carries no data: every task finds its work in the database."""

import time
from collections.abc import Sequence
from datetime import timedelta

from celery import shared_task
from celery.worker import state as celery_state
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tracking.traffic.check import worker
from tracking.traffic.check.dedup.rotation import rotate_keys
from tracking.traffic.check.inbox_queue import claim_batches, claim_single, release_expired_leases
from tracking.traffic.check.overlong_batches import divide_overlong_batches
from tracking.traffic.check.worker_memory import garbage_collected_afterwards, worker_memory
from tracking.traffic.collect.refusal_log import delete_old_refusals
from tracking.traffic.collect.throttle_log import delete_old_throttles
from tracking.traffic.collect.wake_up import forget_wake_up, wake_up_sender
from tracking.traffic.collect.worker_beats import SCHEDULE, delete_old_beats, record_worker_beat
from tracking.traffic.counts import name_expiry, rollups, traffic_projections
from tracking.traffic.models import HourlyDistinctValue, QuarantinedBatch

DRAIN_SECONDS = 5.0
"""How long one task drains. It then asks for another one of its kind: a worker that is to stop stops in between."""

MAX_CONSECUTIVE_FAILURES = 3
"""After so many failures the fault is likely ours: what waits is left for the next tick."""

WORKER_BEAT_RETENTION = timedelta(days=1)
DISTINCT_VALUES_RETENTION = timedelta(hours=2)
EXPIRY_BATCH_SIZE = 50_000


@shared_task(name="traffic.drain_inbox", expires=30)
def drain_inbox() -> int:
    """Check what waits, and what workers left behind. Returns how many events were checked."""
    release_expired_leases()
    divide_overlong_batches()
    return _check_what_waits()


@shared_task(name="traffic.check_inbox", expires=30)
def check_inbox() -> int:
    """Check what waits: the wake-up. Returns how many events were checked."""
    forget_wake_up()
    return _check_what_waits()


def _check_what_waits() -> int:
    """Check until nothing waits or all fails. What must go alone takes turns with sets: neither waits for the other."""
    deadline = time.monotonic() + DRAIN_SECONDS
    event_total = failures = 0
    while True:
        claims = [claim for claim in (claim_single(), claim_batches()) if claim is not None]
        for claim in claims:
            with garbage_collected_afterwards():
                event_count = worker.try_process_claim(claim)
            failures = failures + 1 if event_count is None else 0
            event_total += event_count or 0
        if worker_memory.must_be_replaced():
            wake_up_sender.request()  # for whoever takes its place
            return event_total
        if not claims or failures >= MAX_CONSECUTIVE_FAILURES:
            return event_total
        # One that is asked to stop has seconds for it; what it leaves is checked by another, or after the next start.
        if time.monotonic() > deadline or celery_state.should_stop is not None:
            wake_up_sender.request()
            return event_total


@shared_task(name="traffic.fold_rollups", expires=30)
def fold_rollups() -> int:
    """Fold all deltas and write what they say of the catalog's events. Returns how many deltas were folded."""
    total = 0
    seen_name_ids: set[int] = set()
    while (folded := rollups.fold_deltas()).delta_count:
        total += folded.delta_count
        seen_name_ids |= {seen_name_id for _, _, seen_name_id in folded.rings}
    traffic_projections.update_projections(seen_name_ids)
    return total


@shared_task(name="traffic.expire", expires=600)
def expire() -> None:
    """Delete what is past its time, and let projections age.

    Ids past the window, entries of past hours, old counts, refusals and quarantine, and names that nobody defined and
    that do not come any more.
    """
    now = timezone.now()
    rotate_keys()
    _delete_in_batches(
        HourlyDistinctValue.objects.filter(hour__lt=now - DISTINCT_VALUES_RETENTION),
        ("source_id", "environment", "hour", "kind", "value_hash"),
    )
    QuarantinedBatch.objects.filter(quarantined_at__lt=now - settings.QUARANTINE_RETENTION).delete()
    delete_old_beats(before=now - WORKER_BEAT_RETENTION)
    delete_old_refusals(before=now - settings.REFUSAL_RETENTION)
    delete_old_throttles(before=now - settings.REFUSAL_RETENTION)
    rollups.delete_expired_rollups(at=now)
    name_expiry.delete_expired_names(at=now)
    traffic_projections.update_all_projections(at=now)


@shared_task(name="traffic.schedule_beat", expires=10)
def record_schedule_beat() -> None:
    """Say that the schedule is sent and its messages arrive; `/readyz` reads it."""
    record_worker_beat(SCHEDULE, SCHEDULE, "", "")


def _delete_in_batches(rows: QuerySet[HourlyDistinctValue], order: Sequence[str]) -> None:
    """Delete rows in small transactions, so that no check waits long for their locks."""
    while True:
        with transaction.atomic():
            # Locked in the order in which a check writes them, or the two could wait for each other for ever.
            oldest = list(rows.order_by("id").values_list("pk", flat=True)[:EXPIRY_BATCH_SIZE])
            locked = rows.filter(pk__in=oldest).order_by(*order).select_for_update()
            ids = list(locked.values_list("id", flat=True))
            if not ids:
                return
            rows.filter(pk__in=ids).delete()
