"""How long somebody waits from a tap until its verdict can be read: alone, and while 2,000 events a second flow.

`make bench` runs it. It works in a database of its own, which it makes and drops.
"""

import base64
import http.client
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.machine.hardware import machine
from benchmarks.machine.postgres import Postgres, measured_postgres
from benchmarks.pipeline.catalog_setup import make_catalog
from benchmarks.pipeline.ladder import STEPS
from benchmarks.pipeline.measured_installation import MeasuredInstallation
from benchmarks.pipeline.run import Run
from benchmarks.pipeline.scratch_database import scratch_database
from benchmarks.workload.definitions import real_definitions
from benchmarks.workload.traffic import make_traffic
from catalog.choices import Environment
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tracking.traffic.models import Sample

TAPS = 40
FIRST_TAPS = 5
"""So many are left out: they load code."""

APART = 0.25
"""Seconds between two taps, so that the worker is at rest as it is for a person who taps."""

FLOW = 2_000
"""Events a second that flow meanwhile."""

PATIENCE = 10.0
LOOK = 0.005


@dataclass(frozen=True, slots=True)
class TapsSize:
    """How much is measured."""

    taps: int = TAPS
    flow_seconds: float = 60.0
    flow: int = FLOW
    definitions: int = 100
    requests: int = 400


def tap(port: int, key: str, message: str) -> float:
    """Post one event and return the seconds until its sample, with its verdict, can be read."""
    body = {"event": "Order Completed", "userId": "visitor", "messageId": message, "properties": {"total": 27.5}}
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", "/in/v1/track", json.dumps(body), headers)
    if connection.getresponse().status != 200:
        raise RuntimeError("the collector did not take a tap")
    connection.close()
    while not Sample.objects.filter(event__message_id=message).exists():
        if time.perf_counter() - began > PATIENCE:
            raise RuntimeError(f"no verdict within {PATIENCE:g} seconds")
        time.sleep(LOOK)
    return time.perf_counter() - began


def measure(folder: Path, size: TapsSize, postgres: Postgres) -> tuple[list[float], list[float]]:
    """Tap one after the other, alone and then while events flow, and return how long each took."""
    definitions = real_definitions(size.definitions)
    setup = make_catalog(definitions)
    source = SourceFactory.create(slug="taps")
    EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    key = create_write_key(source, Environment.STAGING).key
    traffic = make_traffic(definitions, setup.keys, requests=size.requests)
    recorders = STEPS[-1].recorders
    with MeasuredInstallation(folder, recorders=recorders) as installation:
        port = installation.server.port
        alone = []
        for number in range(size.taps + FIRST_TAPS):
            alone.append(tap(port, key, f"alone-{number}"))
            time.sleep(APART)
        run = Run(installation, traffic, postgres, folder / "requests.msgpack")
        run.measure(seconds=60, requests=40)  # what is loaded and compiled once
        in_flow: list[float] = []

        def tap_while_it_flows() -> None:
            until = time.perf_counter() + size.flow_seconds * 0.9
            while time.perf_counter() < until:
                in_flow.append(tap(port, key, f"flow-{len(in_flow)}"))
                time.sleep(APART / 2)

        run.measure(seconds=size.flow_seconds, rate=size.flow, meanwhile=tap_while_it_flows)
        run.require_exact()
    return alone[FIRST_TAPS:], in_flow


def measure_taps(size: TapsSize | None = None, *, is_durable: bool = True) -> None:
    """Print what it was measured on, and the table of benchmarks/README.md."""
    size = size or TapsSize()
    postgres = measured_postgres(is_durable=is_durable)
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        print(f"{machine()}\n{postgres}, messages through files\n")
        alone, in_flow = measure(Path(folder), size, postgres)
    print("| tap to verdict, milliseconds | taps | median | p95 | p99 | slowest |")
    print("|---|---:|---:|---:|---:|---:|")
    print(_line("alone", alone))
    print(_line(f"while {size.flow:,} events a second flow", in_flow))


def _line(name: str, seconds: list[float]) -> str:
    in_order = sorted(seconds)
    found = [in_order[min(len(in_order) - 1, int(len(in_order) * share))] * 1_000 for share in (0.5, 0.95, 0.99, 1)]
    return f"| {name} | {len(in_order)} | {' | '.join(f'{milliseconds:,.0f}' for milliseconds in found)} |"
