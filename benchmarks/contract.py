"""How many events a second one core checks: the contract core beside other checkers and bare parsing.

`make bench` runs it. Where Node and npm are there, ajv is installed into a temporary folder and measured too.
"""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import jsonschema
import msgspec
import orjson

from benchmarks.ajv.ajv_folder import AjvIsMissing, ajv_folder, node
from benchmarks.machine.hardware import machine
from benchmarks.workload.contract_work import BATCH, EVENTS, Work, work
from benchmarks.workload.definitions import DEFINITIONS
from catalog.contract import Contract, Event, Verdict, compile_contract, parse_json
from catalog.contract.fast_path.fast_batch import read_batch
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.fast_path.not_fast import NotFast
from catalog.contract.schema.validator import build_validator

SLOW_EVENTS = 10_000
"""`jsonschema` in pure Python gets the first 10,000 events only; its rate does not depend on how many."""

ROUNDS = 3


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
        Row("**contract core**", todo.events, with_fast_path(todo), "the same, most events by the fast path"),
        Row("contract core, yes or no", todo.events, _yes_or_no(todo), "duplicate keys found, warnings are no"),
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


def _yes_or_no(todo: Work) -> Callable[[], int]:
    def is_refused(contracts: Mapping[str, Contract], raw: bytes) -> bool:
        found = parse_json(raw)
        return bool(found.parse_errors) or not contracts[found.value["event"]].is_valid_strictly(_event(found.value))

    return with_fast_path(todo, is_refused)


def _breaks_something(contracts: Mapping[str, Contract], raw: bytes) -> bool:
    return _is_refused(contracts, parse_json(raw).value)


def with_fast_path(
    todo: Work, is_refused: Callable[[Mapping[str, Contract], bytes], bool] = _breaks_something
) -> Callable[[], int]:
    """Return what asks the fast path, and `is_refused` of every event that it does not accept.

    It returns how many were refused; by itself with every violation found.
    """
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
                    refused += is_refused(contracts, bytes(raw))
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
    return contracts[sent["event"]].check(_event(sent)).verdict is not Verdict.CONFORMING


def _event(sent: dict[str, Any]) -> Event:
    return Event(
        call=sent["type"],
        event=sent["event"],
        user_id=sent["userId"],
        message_id=sent["messageId"],
        occurred_at=sent["timestamp"],
        properties=sent["properties"],
        context=sent["context"],
    )


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


def ajv_rows(todo: Work, rounds: int = ROUNDS) -> list[Row | str]:
    """Measure ajv in Node, as often as the others; return a sentence where that cannot be done."""
    try:
        with ajv_folder(todo.schemas()) as folder:
            (folder / "bodies.ndjson").write_bytes(b"\n".join(todo.bodies))
            command = [node(), "check.mjs", str(rounds)]
            answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except AjvIsMissing as error:
        return [str(error)]
    return [_ajv_row(json.loads(line)) for line in answer.stdout.splitlines()]


def _ajv_row(found: dict[str, Any]) -> Row:
    note = f"JSON.parse, then {found['way']}; Node {found['node']}"
    name = f"ajv {found['ajv']}, standalone, {found['way']}"
    return Row(name, found["events"], lambda: None, note, found["seconds"], found["refused"])


def measure_contract(*, events: int = EVENTS, definitions: int = DEFINITIONS, rounds: int = ROUNDS) -> None:
    """Measure each in turns, and print one table of the fastest."""
    todo = work(events=events, definitions=definitions)
    size = sum(map(len, todo.bodies)) / todo.events
    print(
        f"{len(todo.definitions)} definitions, {todo.events:,} events of {size:.0f} bytes, batches of {BATCH}, one core"
    )
    print(machine())
    print("\n| | events a second | events | refused | does |\n|---|---:|---:|---:|---|")
    measured = rows(todo)
    for _ in range(rounds):  # in turns, so that a busy moment of the machine hits all of them
        for row in measured:
            row.measure()
    for line in (*measured, *ajv_rows(todo, rounds)):
        print(line, flush=True)
