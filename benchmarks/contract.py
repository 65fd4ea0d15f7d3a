"""How many events a second one core checks: the contract core beside other checkers and bare parsing.

`make bench` runs it. Where Node and npm are there, ajv is installed into a temporary folder and measured too.
"""

import json
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import orjson

from benchmarks.workload import BATCH, Work, work
from catalog.contract import Contract, Event, Verdict, compile_contract, parse_json
from catalog.contract.fast_path.fast_batch import read_batch
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.fast_path.not_fast import NotFast
from catalog.contract.schema.validator import build_validator

SLOW_EVENTS = 10_000
"""`jsonschema` in pure Python gets the first 10,000 events only; its rate does not depend on how many."""

ROUNDS = 3
_AJV = Path(__file__).parent / "ajv"


@dataclass(slots=True)
class Row:
    """One line of the table: what runs, over how many events, and the fastest time it took so far.

    `run` answers how many events were refused, or None where it judges none.
    """

    name: str
    events: int
    run: Callable[[], int | None]
    note: str
    seconds: float = float("inf")
    refused: int | None = None

    def measure(self) -> None:
        """Run it once and keep the time if it is the fastest."""
        started = time.perf_counter()
        self.refused = self.run()
        self.seconds = min(self.seconds, time.perf_counter() - started)

    def __str__(self) -> str:
        refused = "" if self.refused is None else f"{self.refused:,}"
        return f"| {self.name} | {self.events / self.seconds:,.0f} | {self.events:,} | {refused} | {self.note} |"


def rows(todo: Work) -> list[Row]:
    """Return the lines that are measured in this process."""
    few = Work(todo.definitions, todo.bodies[: SLOW_EVENTS // BATCH])
    judged = "msgspec, then yes or no"
    return [
        Row(f"msgspec {version('msgspec')}", todo.events, _parse(msgspec.json.decode, todo), "parsing only"),
        Row(f"orjson {version('orjson')}", todo.events, _parse(orjson.loads, todo), "parsing only"),
        Row("contract core, reading", todo.events, _parse(parse_json, todo), "parsing, duplicate keys found"),
        Row("contract core, ordinary way", todo.events, _core(todo), "reading, normalising, every violation"),
        Row("**contract core**", todo.events, _fast_core(todo), "the same, most events by the fast path"),
        Row("contract core, fast path alone", todo.events, _fast_path(todo), "reading, normalising, yes or not known"),
        Row(f"jsonschema-rs {version('jsonschema-rs')}", todo.events, _rust(todo), judged),
        Row(f"jsonschema {version('jsonschema')}", few.events, _python(few), f"{judged}; fewer events"),
    ]


def _parse(parse: Callable[[bytes], object], todo: Work) -> Callable[[], None]:
    def run() -> None:
        for body in todo.bodies:
            parse(body)

    return run


def _core(todo: Work) -> Callable[[], int]:
    contracts = {document["name"]: compile_contract(document) for document in todo.definitions}

    def run() -> int:
        return sum(_is_refused(contracts, sent) for body in todo.bodies for sent in parse_json(body).value["batch"])

    return run


def _fast_core(todo: Work) -> Callable[[], int]:
    contracts = {document["name"]: compile_contract(document) for document in todo.definitions}
    fast_contracts = _fast_contracts(contracts)

    def run() -> int:
        refused = 0
        for body in todo.bodies:
            batch = read_batch(body, max_events=BATCH)
            assert batch is not None, "every body of the work is a plain batch"
            conforming = batch.accept(lambda outline: fast_contracts.get(outline.name))
            for raw, event in zip(batch.raw_events, conforming, strict=True):
                if event is None:
                    refused += _is_refused(contracts, parse_json(bytes(raw)).value)
        return refused

    return run


def _fast_path(todo: Work) -> Callable[[], int]:
    fast_contracts = _fast_contracts({each["name"]: compile_contract(each) for each in todo.definitions})

    def run() -> int:
        unknown = 0
        for body in todo.bodies:
            batch = read_batch(body, max_events=BATCH)
            assert batch is not None, "every body of the work is a plain batch"
            unknown += batch.accept(lambda outline: fast_contracts.get(outline.name)).count(None)
        return unknown

    return run


def _fast_contracts(contracts: Mapping[str, Contract]) -> dict[str, FastContract]:
    found = {}
    for name, contract in contracts.items():
        with suppress(NotFast):
            found[name] = FastContract(contract)
    return found


def _is_refused(contracts: Mapping[str, Contract], sent: dict[str, Any]) -> bool:
    event = Event(
        call=sent["type"],
        event=sent["event"],
        user_id=sent["userId"],
        message_id=sent["messageId"],
        occurred_at=sent["timestamp"],
        properties=sent["properties"],
        context=sent["context"],
    )
    return contracts[sent["event"]].check(event).verdict is not Verdict.CONFORMING


def _rust(todo: Work) -> Callable[[], int]:
    judges = {name: build_validator(schema).is_valid for name, schema in todo.schemas().items()}
    return _refused(judges, todo)


def _python(todo: Work) -> Callable[[], int]:
    kind = jsonschema.Draft202012Validator
    judges = {
        name: kind(schema, format_checker=kind.FORMAT_CHECKER).is_valid for name, schema in todo.schemas().items()
    }
    return _refused(judges, todo)


def _refused(judges: Mapping[str, Callable[[Any], bool]], todo: Work) -> Callable[[], int]:
    decode = msgspec.json.decode

    def run() -> int:
        return sum(
            not judges[sent["event"]](sent["properties"]) for body in todo.bodies for sent in decode(body)["batch"]
        )

    return run


def _ajv(todo: Work) -> Row | str:
    """Measure ajv in Node, as often as the others; answer with a sentence where that cannot be done."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "ajv was left out: Node is not here (apt-get install nodejs npm)."
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copytree(_AJV, place, dirs_exist_ok=True)
        (place / "schemas.json").write_text(json.dumps(todo.schemas()))
        (place / "bodies.ndjson").write_bytes(b"\n".join(todo.bodies))
        install = [npm, "install", "--no-audit", "--no-fund", "--silent", "--no-package-lock"]
        done = subprocess.run(install, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"ajv was left out: npm could not install it ({done.stderr.strip()[-200:]})."
        answer = subprocess.run([node, "check.mjs", str(ROUNDS)], cwd=place, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    note = f"JSON.parse, then yes or no; Node {found['node']}"
    return Row(
        f"ajv {found['ajv']}, standalone", found["events"], lambda: None, note, found["seconds"], found["refused"]
    )


def machine() -> str:
    """Return what the figures were measured on."""
    cpus = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in cpus.read_text().splitlines() if line.startswith("model name")]
        if cpus.exists()
        else []
    )
    return (
        f"{names[0] if names else platform.processor()}, {len(names) or '?'} cores, Python {platform.python_version()}"
    )


def main() -> None:
    """Measure each in turns, three times, and print one table of the fastest."""
    todo = work()
    size = sum(map(len, todo.bodies)) / todo.events
    print(
        f"{len(todo.definitions)} definitions, {todo.events:,} events of {size:.0f} bytes, batches of {BATCH}, one core"
    )
    print(machine())
    print("\n| | events a second | events | refused | does |\n|---|---:|---:|---:|---|")
    measured = rows(todo)
    for _ in range(ROUNDS):  # in turns, so that a busy moment of the machine hits all of them
        for row in measured:
            row.measure()
    for line in (*measured, _ajv(todo)):
        print(line)


if __name__ == "__main__":
    main()
