"""Beside the ladder: a server in Node that parses and checks the same requests with ajv, and stores nothing."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.ajv.ajv_folder import AjvIsMissing, ajv_folder, node
from benchmarks.load.generator_process import send
from benchmarks.load.plan import Plan, write_requests
from benchmarks.machine.processor_time import seconds_of_session
from benchmarks.pipeline.counted import NotExact
from benchmarks.pipeline.ladder_table import probe_line
from benchmarks.pipeline.run import Figures
from benchmarks.workload.traffic import EVENTS_A_REQUEST, Traffic


def measure_node(folder: Path, traffic: Traffic, schemas: Mapping[str, Any], *, seconds: float) -> str:
    """Return the line of the table; a sentence where Node or ajv is not here. Raises NotExact where it lost events."""
    requests_file = folder / "requests.msgpack"
    if not requests_file.exists():
        write_requests(requests_file, traffic.requests)
    try:
        with ajv_folder(schemas) as ajv:
            return _measure(ajv, requests_file, seconds)
    except AjvIsMissing as error:
        return str(error)


def _measure(ajv: Path, requests_file: Path, seconds: float) -> str:
    with subprocess.Popen(
        [node(), "server.mjs"], cwd=ajv, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            warm = send(Plan(port=port, requests_file=str(requests_file), seconds=60, requests=40))
            used = seconds_of_session(server.pid)
            sent = send(Plan(port=port, requests_file=str(requests_file), seconds=seconds))
            used = seconds_of_session(server.pid) - used
            server.terminate()
            counted = json.loads(server.stdout.read())
        finally:
            if server.poll() is None:
                server.kill()
    events = sent.requests * EVENTS_A_REQUEST
    if counted["events"] != events + warm.requests * EVENTS_A_REQUEST:
        raise NotExact(f"Node counted {counted['events']} events, {events} were sent after the first ones")
    figures = Figures(
        sent=sent,
        events=events,
        sent_seconds=sent.seconds,
        checked_seconds=None,
        folded_seconds=None,
        processor={"generator": sent.processor_seconds, "collector": used},
        wal_bytes=0,
    )
    name = f"Node {counted['node']}, ajv {counted['ajv']} standalone: parsed, yes or no, nothing stored"
    return probe_line(name, figures)
