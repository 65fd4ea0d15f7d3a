"""How many events a second go from HTTP to rollups, step by step: what storing, counting, findings and evidence cost.

`make bench` runs it. It works in a database of its own, which it makes and drops.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.machine.hardware import machine
from benchmarks.machine.postgres import Postgres, measured_postgres
from benchmarks.pipeline.catalog_setup import make_catalog, open_deliveries
from benchmarks.pipeline.ladder_table import MINUTE_HEAD, PROBE_HEAD, minute_line, probe_line
from benchmarks.pipeline.measured_installation import MeasuredInstallation
from benchmarks.pipeline.node_server import measure_node
from benchmarks.pipeline.run import Figures, Run
from benchmarks.pipeline.scratch_database import scratch_database
from benchmarks.workload.definitions import DEFINITIONS, real_definitions, schemas_by_name
from benchmarks.workload.traffic import EVENTS_A_REQUEST, REQUESTS, Traffic, make_traffic

SAFETY = 0.95
"""Which share of what was possible as fast as it goes is sent in the measured minute."""

STORE_INBOX_BYTES = 16 * 2**30  # nobody empties it there
EVENTGATE = (
    "EventGate (not on npm, not run here): 38,000 to 41,000 a second measured on an AMD EPYC with two shared cores on "
    "26 November 2026, where this project's own figure was 6,674 and ajv's 133,403"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder: the recorders that are on (None: nobody checks at all), and what it aims at."""

    name: str
    recorders: tuple[str, ...] | None
    aim: int | None = None  # events a second
    has_deliveries: bool = False


STEPS = (
    Step("store", None),
    Step("+ check and counts", (), 58_000),
    Step("+ findings", ("record_findings",), 40_000),
    Step("+ evidence of open deliveries", ("record_findings", "record_evidence"), 25_000, has_deliveries=True),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. `rate` (events a second) replaces what the probe and the aim would choose."""

    definitions: int = DEFINITIONS
    requests: int = REQUESTS
    probe_seconds: float = 3.0
    seconds: float = 60.0
    rate: int | None = None
    is_durable: bool = True
    steps: tuple[str, ...] = ()  # the beginning of names; empty for all
    has_node: bool = True

    @property
    def chosen_steps(self) -> list[Step]:
        return [step for step in STEPS if not self.steps or step.name.lstrip("+ ").startswith(self.steps)]


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What was measured of a step: as fast as it goes for a moment, then for a minute at a rate that it can keep."""

    step: Step
    probe: Figures
    minute: Figures | None
    offered: float | None = None


def measure_step(step: Step, size: Size, traffic: Traffic, postgres: Postgres, folder: Path) -> StepFigures:
    """Measure a step with processes of its own. Raises NotExact where an event was lost or counted twice."""
    env = {"INBOX_MAX_BYTES": str(STORE_INBOX_BYTES)} if step.recorders is None else {}
    own_folder = folder / f"step-{STEPS.index(step)}"  # queues are named after it
    own_folder.mkdir()
    with MeasuredInstallation(own_folder, recorders=step.recorders, env=env) as installation:
        run = Run(
            installation,
            traffic,
            postgres,
            folder / "requests.msgpack",
            is_counted=step.recorders is not None,
        )
        run.measure(seconds=60, requests=40)  # what is loaded and compiled once
        _vacuum()
        probe = run.measure(seconds=size.probe_seconds)
        if step.recorders is None:
            run.require_stored()
            _vacuum()
            return StepFigures(step, probe, None)
        offered = size.rate or min(probe.rate * SAFETY, step.aim or probe.rate)

        def kill_a_worker() -> None:
            time.sleep(size.seconds / 3)
            installation.kill_worker("check-1")

        minute = run.measure(seconds=size.seconds, rate=offered, meanwhile=kill_a_worker)
        run.require_exact()
    return StepFigures(step, probe, minute, offered)


def measure_ladder(size: Size) -> None:
    """Measure every step and the server in Node, and print each as soon as it is there."""
    postgres = measured_postgres(is_durable=size.is_durable)
    definitions = real_definitions(size.definitions)
    with scratch_database(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        setup = make_catalog(definitions)
        traffic = make_traffic(definitions, setup.keys, requests=size.requests)
        print(f"{machine()}\n{postgres}\n")
        print(
            f"{len(definitions)} definitions, {len(setup.sources)} sources, events of "
            f"{traffic.bytes_an_event:.0f} bytes, {EVENTS_A_REQUEST} a request, one generator over 32 connections\n"
        )
        print(PROBE_HEAD)
        measured = []
        for step in size.chosen_steps:
            if step.has_deliveries:
                open_deliveries(setup)
            measured.append(measure_step(step, size, traffic, postgres, folder))
            print(probe_line(step.name, measured[-1].probe), flush=True)
        if size.has_node:
            print(measure_node(folder, traffic, schemas_by_name(definitions), seconds=size.probe_seconds * 3))
        print(f"\n{EVENTGATE}.\n\n{MINUTE_HEAD}")
        for figures in measured:
            if figures.minute is not None and figures.offered is not None:
                print(minute_line(figures.step.name, figures.step.aim, figures.offered, figures.minute))


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
