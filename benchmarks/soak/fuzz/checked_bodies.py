"""Hostile bodies, let through all that reads and checks them, in this process: what is wrong with that, if anything."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.db import transaction
from django.utils import timezone
from structlog.testing import capture_logs

from benchmarks.soak.fuzz.hostile_events import damaged_event, hostile_event, is_strict
from catalog.contract import UnparsableBody
from catalog.models import Source
from tracking.traffic.check import worker
from tracking.traffic.check.error_location import error_location
from tracking.traffic.check.inbox_queue import Claim
from tracking.traffic.collect.wires import WIRES, OversizedBody
from tracking.traffic.models import InboxBatch, QuarantinedBatch, TrafficCount

ENVIRONMENTS = ("production", "staging")
EVENTS = 3_000
EVENTS_OF_STRICT, EVENTS_OF_DAMAGED = 100, 2
DAMAGED_SHARE, SINGLE_SHARE, HISTORY_SHARE = 0.1, 0.2, 0.1
ALLOWED_SECONDS = 10.0
"""For reading and checking one body alone: these are small."""


@dataclass(frozen=True, slots=True)
class HostileBody:
    """One body, and by which wire and into which environment it comes."""

    events: tuple[bytes, ...]
    wire: str
    call: str
    environment: str
    is_history: bool

    @property
    def content(self) -> bytes:
        """The body itself: a batch, or its only event where the path names a call."""
        if self.call:
            return self.events[0]
        return b'{"batch": [' + b", ".join(self.events) + b'], "sentAt": "2026-11-24T10:00:00Z"}'

    def only(self, events: Sequence[bytes]) -> HostileBody:
        """Return the same body with some of its events."""
        return HostileBody(tuple(events), self.wire, self.call, self.environment, self.is_history)


def hostile_bodies(seed: str) -> list[HostileBody]:
    """Return the bodies of one round: the same for the same seed.

    Events that only the lenient parser reads, or none, come in small bodies of their own, as it takes long.
    """
    random = Random(seed)
    strict: list[bytes] = []
    damaged: list[bytes] = []
    for _ in range(EVENTS):
        event = damaged_event(random) if random.random() < DAMAGED_SHARE else hostile_event(random)
        (strict if is_strict(event) else damaged).append(event)
    return [*_bodies(random, strict, EVENTS_OF_STRICT), *_bodies(random, damaged, EVENTS_OF_DAMAGED)]


def _bodies(random: Random, events: list[bytes], size: int) -> Iterator[HostileBody]:
    """Yield bodies of at most so many events; some have one, and their path names the call."""
    while events:
        name = random.choice(list(WIRES))
        call = random.choice(list(WIRES[name].paths.values())) if random.random() < SINGLE_SHARE else ""
        taken, events = events[: 1 if call else size], events[1 if call else size :]
        yield HostileBody(tuple(taken), name, call, random.choice(ENVIRONMENTS), random.random() < HISTORY_SHARE)


@dataclass(slots=True)
class BodyTrial:
    """Tries bodies that a source sends, all in one claim. Nothing of them stays in the database."""

    source: Source
    refused: int = 0
    slowest: float = 0.0
    _lease: uuid.UUID = field(default_factory=uuid.uuid4)

    def find_problem(self, bodies: Sequence[HostileBody]) -> str:
        """Return what went wrong, "" where every event has its verdict. A body that no parser splits is refused."""
        began = time.monotonic()
        with transaction.atomic():
            try:
                with capture_logs() as logs, transaction.atomic():
                    problem = self._try(bodies)
            except Exception as error:  # whatever it is, it is what we look for
                problem = f"{type(error).__name__}: {str(error)[:200]!r} at {error_location(error)}"
            transaction.set_rollback(True)
        seconds = time.monotonic() - began
        self.slowest = max(self.slowest, seconds)
        errors = [f"{each['event']}: {each.get('error', '')}" for each in logs if each["log_level"] == "error"]
        if not problem and errors:
            problem = f"it was logged that {errors[0]}"
        if not problem and seconds > ALLOWED_SECONDS * len(bodies):
            problem = f"it took {seconds:.0f} s"
        return problem

    def _try(self, bodies: Sequence[HostileBody]) -> str:
        expected = sum(self._store(body) for body in bodies)
        checked = worker.check_claim(Claim(self._lease, is_alone=False))
        if left := InboxBatch.objects.first():
            return f"a batch was left: {left.last_error}"
        if quarantined := QuarantinedBatch.objects.first():
            return f"an event was quarantined: {quarantined.reason}"
        if checked != expected:
            return f"{checked} events were checked of {expected}"
        totals = TrafficCount.objects.totals()
        counted = totals["count"] + totals["repeats"]
        counted += sum(TrafficCount.objects.order_by().values_list("historical", flat=True))
        return "" if counted == expected else f"{counted} events were counted of {expected}"

    def _store(self, body: HostileBody) -> int:
        """Store a body as the collector does, claimed, and return how many events it has; 0 where it is refused."""
        content, wire = body.content, WIRES[body.wire]
        try:
            event_count = len(wire.split(content, call=body.call, max_events=5_000).events)
        except (UnparsableBody, OversizedBody):
            self.refused += 1
            return 0
        if event_count:
            now = timezone.now()
            InboxBatch.objects.create(
                source=self.source,
                environment=body.environment,
                wire=body.wire,
                call=body.call,
                body=content,
                size=len(content),
                event_count=event_count,
                received_at=now,
                is_history=body.is_history,
                lease=self._lease,
                leased_until=now + timedelta(minutes=5),
            )
        return event_count
