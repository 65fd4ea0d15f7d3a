"""What a check costs in this process and in PostgreSQL: bodies are stored, claimed, checked, recorded and folded."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from random import Random

import msgspec
from django.utils import timezone

from benchmarks.growth.synthetic import synthetic_event
from benchmarks.machine.postgres import Postgres
from benchmarks.pipeline.counted import NotExact, read_counts
from benchmarks.workload.definitions import Document
from benchmarks.workload.sdk_events import Sdk
from catalog.choices import Environment
from catalog.models import Source
from tracking.traffic.check.inbox_queue import claim_batches
from tracking.traffic.check.worker import process_claim
from tracking.traffic.collect.inbox_store import AcceptedBody, store
from tracking.traffic.tasks import fold_rollups

BATCH = 50
APP_VERSION = "2.5.0"
_EVENT_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class CheckCost:
    """Processor microseconds an event: of this process, and of PostgreSQL (None where it is not on this machine)."""

    events: int
    python: float
    postgres: float | None
    seconds: float

    @property
    def total(self) -> float:
        return self.python + (self.postgres or 0)


def make_bodies(
    definitions: Sequence[Document], sdk: Sdk, *, bodies: int, broken_share: float, random: Random
) -> list[bytes]:
    """Return bodies whose events are spread over all definitions, each with an id of its own."""
    (context,) = sdk.contexts(APP_VERSION, random)
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%S").encode()
    made = []
    for _ in range(bodies):
        events = []
        for _ in range(BATCH):
            document = random.choice(definitions)
            properties = synthetic_event(document, random, broken_share=broken_share)
            events.append(sdk.make_event(document["name"], properties, context, next(_EVENT_NUMBERS), random))
        made.append(msgspec.json.encode(sdk.make_body(events, "wk_growth")).replace(b"2026-03-14T09:26:53", now))
    return made


def measure_check(bodies: Sequence[bytes], sources: Sequence[Source], postgres: Postgres) -> CheckCost:
    """Check bodies that come from these sources in turn. Raises NotExact unless each event is counted once."""
    before = read_counts().counts.total()
    now = timezone.now()
    store(
        [
            AcceptedBody(
                source_id=sources[place % len(sources)].pk,
                environment=Environment.PRODUCTION,
                wire="segment",
                call="",
                body=body,
                event_count=BATCH,
                received_at=now,
                is_history=False,
            )
            for place, body in enumerate(bodies)
        ]
    )
    started, python, database = time.perf_counter(), time.process_time(), postgres.processor_seconds()
    while (claim := claim_batches()) is not None:
        process_claim(claim)
    fold_rollups()
    seconds, python = time.perf_counter() - started, time.process_time() - python
    database_now = postgres.processor_seconds()
    events = len(bodies) * BATCH
    counted = read_counts().counts.total() - before
    if counted != events:
        raise NotExact(f"{counted} events counted, {events} sent")
    used = None if database is None or database_now is None else (database_now - database) * 1e6 / events
    return CheckCost(events, python * 1e6 / events, used, seconds)
