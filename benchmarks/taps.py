"""How long somebody waits from a tap until its verdict can be read: one event at a time, as the tour sends them.

Run `python -m benchmarks.taps`. It works in a database of its own, which it makes and drops.
"""

import base64
import http.client
import json
import statistics
import tempfile
import time
from pathlib import Path

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.contract import machine
from benchmarks.http import database, scratch_database
from catalog.choices import Environment
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.live_processes import LiveServer, Worker
from tracking.traffic.models import Sample

TAPS = 40
APART = 0.25
"""Seconds between two taps, so that the worker is at rest as it is for a person who taps."""

PATIENCE = 10.0
LOOK = 0.005


def tap(port: int, key: str, number: int) -> float:
    """Post one event and return the seconds until its sample, with its verdict, can be read."""
    message = f"tap-{number}"
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


def measure(folder: Path, key: str) -> list[float]:
    """Tap one after the other, and return how long each took; the first few, which load code, are left out."""
    took = []
    with LiveServer(folder) as server, Worker(folder):
        for number in range(-5, TAPS):
            took.append(tap(server.port, key, number))
            time.sleep(APART)
    return took[5:]


def main() -> None:
    """Print what it was measured on, and the table of benchmarks/README.md."""
    print(machine())
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        print(f"{database()}, messages through files\n")
        source = SourceFactory.create(slug="benchmark")
        EventFactory.create(name="Order Completed", sources=[source], is_live=True)
        took = sorted(measure(Path(folder), create_write_key(source, Environment.STAGING).key))
    print("| | milliseconds |")
    print("|---|---:|")
    for name, seconds in (
        ("median", statistics.median(took)),
        ("95 of 100 are faster than", took[int(len(took) * 0.95) - 1]),
        ("slowest", took[-1]),
    ):
        print(f"| tap to verdict, {name} | {seconds * 1000:,.0f} |")


if __name__ == "__main__":
    main()
