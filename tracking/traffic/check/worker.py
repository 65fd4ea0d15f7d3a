"""The check: what a worker does with the batches it has claimed, in one transaction that deletes them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from database.outages import is_database_outage
from tracking.traffic import maintenance_lock
from tracking.traffic.check import sample_retention
from tracking.traffic.check.app_version_resolution import expected_app_versions
from tracking.traffic.check.cardinality_limits import DistinctValue, ExpectedValues, within_limit
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent, Recorder
from tracking.traffic.check.dedup import mark_repeats
from tracking.traffic.check.error_location import error_location
from tracking.traffic.check.evaluation import EventGroup
from tracking.traffic.check.event_parsing import ParsedBody
from tracking.traffic.check.event_ways import load_groups, read_body
from tracking.traffic.check.id_spellings import spelling_memory
from tracking.traffic.check.inbox_queue import Claim, isolate_batches, postpone_claim, release_failed_claim
from tracking.traffic.check.partial_storage import store_what_can_be
from tracking.traffic.check.seen_names import get_or_create_seen_names
from tracking.traffic.check.unchecked_events import quarantine_unchecked, reverse_unchecked_counts
from tracking.traffic.check.worker_memory import worker_memory
from tracking.traffic.choices import LimitKind
from tracking.traffic.counts.deltas import TrafficDelta
from tracking.traffic.models import InboxBatch, Sample

log = structlog.get_logger(__name__)


def process_claim(claim: Claim) -> int:
    """Check a claim and return how many events it held; where that fails, give it back and return 0."""
    return try_process_claim(claim) or 0


def try_process_claim(claim: Claim) -> int | None:
    """Check a claim and return how many events it held; where that fails, give it back and return None.

    Whatever goes wrong is reported to the inbox, which tries each batch alone and quarantines it in the end; but
    where the database failed (away, full, a lock that took too long), no batch is to blame and the set stays whole.
    """
    try:
        return check_claim(claim)
    except Exception as error:
        location = error_location(error)
        if is_database_outage(error):
            log.error("the database failed a check; its batches are tried again later", error=location)
            postpone_claim(claim, location)
        else:
            log.error("a check failed; its batches are tried one by one", error=location, is_alone=claim.is_alone)
            release_failed_claim(claim, location)
        return None


@transaction.atomic
def check_claim(claim: Claim) -> int:
    """Check what a claim still holds: counts, samples and what recorders keep are written, the batches deleted.

    All or nothing, in one transaction. Rows of every table are written in sorted order, and the tables in the order
    below, so that two workers wait for each other and never deadlock. Returns the number of events.
    """
    maintenance_lock.acquire_shared()
    batches = list(
        InboxBatch.objects.select_for_update(of=("self",))
        .select_related("source")
        .filter(lease=claim.lease)
        .order_by("id")
    )
    batches, bodies = _read_bodies(batches)
    groups = load_groups(bodies)
    worker_memory.require()
    parsed_events = [parsed for body in bodies for parsed in body.events]
    mark_repeats(parsed_events)
    spelling_memory.mark_respelled_ids(parsed_events)
    for group in groups:
        group.validate()
    worker_memory.require()
    pending_events = [event for group in groups for event in group.events]
    _apply_cardinality_limits(groups)
    first_received = min((batch.received_at for batch in batches), default=timezone.now())
    seen_names = get_or_create_seen_names(
        (event.validated.seen_name for event in pending_events), first_seen=first_received
    )

    delta = TrafficDelta()
    for group in groups:
        group.check_texts()
        group.select_samples(seen_names)
        group.add_counts_to(delta, seen_names)
    reverse_unchecked_counts(batches, delta)
    delta.save()
    results = [group.build_results(seen_names) for group in groups]
    worker_memory.require()
    _store_samples([sample for _, sampled in results for sample in sampled])
    quarantine_unchecked(
        [event for event in pending_events if event.is_unchecked and not event.parsed.is_repeat], seen_names
    )
    for record in recorders():
        _record(record, [batch for batch, _ in results])
    InboxBatch.objects.filter(pk__in=[batch.pk for batch in batches]).delete()
    return len(parsed_events)


def _read_bodies(batches: Sequence[InboxBatch]) -> tuple[list[InboxBatch], list[ParsedBody]]:
    """Return the batches that can be read, and their events. One of several that cannot is given back, to go alone."""
    readable, bodies = [], []
    for batch in batches:
        try:
            body = read_body(batch)
        except DatabaseError:
            raise  # the transaction is over, whatever this batch holds
        except Exception as error:  # whatever it holds, it costs no other batch its check
            if len(batches) == 1:
                raise
            isolate_batches([batch], error_location(error))
        else:
            readable.append(batch)
            bodies.append(body)
        worker_memory.require()
    return readable, bodies


def _store_samples(samples: Sequence[Sample]) -> None:
    """Store samples. One that cannot be stored is left out: the counts say that the event came."""
    failures = store_what_can_be(samples, sample_retention.store_samples)
    if failures.count:
        log.error("samples could not be stored", samples=failures.count, error=failures.location)


def _record(record: Recorder, batches: Sequence[CheckedBatch]) -> None:
    """Hand batches to a recorder. Events that it cannot record are left out: the counts say that they came.

    Where it can record nothing of all of them the fault is its own: it raises, and the claim is tried again.
    """
    numbered = [(place, event) for place, batch in enumerate(batches) for event in batch.events]

    def record_events(events: Sequence[tuple[int, CheckedEvent]]) -> None:
        if len(events) == len(numbered):
            for batch in batches:
                record(batch)
            return
        for place, batch in enumerate(batches):
            if own := [event for place_of_event, event in events if place_of_event == place]:
                record(replace(batch, events=own))

    if not numbered:
        record_events(numbered)
        return
    failures = store_what_can_be(numbered, record_events)
    if failures.count:
        name = getattr(record, "__name__", type(record).__name__)
        log.error("events could not be recorded", recorder=name, events=failures.count, error=failures.location)


@cache
def recorders() -> tuple[Recorder, ...]:
    """Return the callables that `settings.TRAFFIC_RECORDERS` names, in its order."""
    return tuple(import_string(name) for name in settings.TRAFFIC_RECORDERS)


def _apply_cardinality_limits(groups: Sequence[EventGroup]) -> None:
    values = {value: text for group in groups for value, text in group.limited_values().items()}
    sources = {group.source.pk: group.source for group in groups}

    def expected(refused: Sequence[DistinctValue]) -> ExpectedValues:
        app_versions = {value: values[value] for value in refused if value.kind == LimitKind.APP_VERSION}
        return expected_app_versions(app_versions, sources=sources)

    refused = values.keys() - within_limit(values, expected=expected)
    for group in groups:
        group.count_as_others(refused)
