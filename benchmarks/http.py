"""How many events a second go from HTTP to rollups, with a real server, a real worker and the load on one machine.

`make bench` runs it. It works in a database of its own, which it makes and drops.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.contract import machine
from benchmarks.load import DEADLINE, send
from benchmarks.workload import BATCH, Work, work
from catalog.models import Source
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.live_processes import LiveServer, Worker, wait_for
from tracking.traffic.models import InboxBatch, QuarantinedBatch, RollupDelta, TrafficCount

EVENTS = 60_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, in events a second."""

    accepted: float
    both: float
    collected: float  # a second of the server's processor time
    checked: float  # a second of the worker's processor time


def processor_seconds(process: LiveServer | Worker) -> float:
    """Return the processor time that a process of ours and its children have used (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == process.session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database of this run alone."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def prepare(todo: Work) -> tuple[Source, str]:
    """Define the work's events for one source, live, and return the source and its write key."""
    source = SourceFactory.create(slug="benchmark")
    for document in todo.definitions:
        EventFactory.create(name=document["name"], definition=document, sources=[source], is_live=True)
    return source, create_write_key(source).key


def is_folded() -> bool:
    """Whether everything that was sent is checked and folded into rollups."""
    return not InboxBatch.objects.exists() and not RollupDelta.objects.exists()


def measure(folder: Path, todo: Work, key: str) -> Figures:
    """Send the bodies while a worker checks and folds, then wait until nothing is left to do."""
    bodies = todo.bodies[: EVENTS // BATCH]
    warm, bodies = bodies[:40], bodies[40:]
    total = len(bodies) * BATCH
    with LiveServer(folder) as server, Worker(folder) as worker:
        send(server.port, key, warm)
        wait_for(is_folded, seconds=DEADLINE, what="the warm-up")
        before = processor_seconds(server), processor_seconds(worker)
        started = time.perf_counter()
        sent = send(server.port, key, bodies)
        wait_for(is_folded, seconds=DEADLINE, what="the rollups")
        elapsed = time.perf_counter() - started
        server_cpu = processor_seconds(server) - before[0]
        worker_cpu = processor_seconds(worker) - before[1]
    if sent.refused or QuarantinedBatch.objects.exists():
        raise RuntimeError(f"{sent.refused} bodies refused; {QuarantinedBatch.objects.count()} batches quarantined")
    counted = TrafficCount.objects.totals()["count"]
    if counted != total + len(warm) * BATCH:
        raise RuntimeError(f"{counted} events counted, {total + len(warm) * BATCH} sent")
    return Figures(
        accepted=total / sent.seconds,
        both=total / elapsed,
        collected=total / server_cpu,
        checked=total / worker_cpu,
    )


def database() -> str:
    """Return which PostgreSQL the events are stored in, and how it is reached."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    place = connection.settings_dict.get("OPTIONS", {}).get("host") or connection.settings_dict["HOST"]
    return f"PostgreSQL {version}, {'over a socket' if str(place).startswith('/') else f'over TCP at {place}'}"


def main() -> None:
    """Print what it was measured on, and the table of benchmarks/README.md."""
    todo = work()
    print(machine())
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        print(f"{database()}\n")
        _, key = prepare(todo)
        figures = measure(Path(folder), todo, key)
    print("| | events a second |")
    print("|---|---:|")
    print(f"| **HTTP to rollups**: stored, checked, counted, folded | {figures.both:,.0f} |")
    print(f"| accepted by the collector meanwhile | {figures.accepted:,.0f} |")
    print(f"| collector, a second of its processor time | {figures.collected:,.0f} |")
    print(f"| worker, a second of its processor time | {figures.checked:,.0f} |")


if __name__ == "__main__":
    main()
