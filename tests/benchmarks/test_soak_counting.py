"""That the soak sees what it looks for: lost and doubled events, bad answers, tracebacks, and how far it has come."""

from __future__ import annotations

import http.server
import itertools
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest
from django.test import Client

from benchmarks.soak.chaos import chaos_steps
from benchmarks.soak.clients import Clients
from benchmarks.soak.escapes import MAX_FILES_OF_A_KIND, Escape, EscapeLog
from benchmarks.soak.event_counts import Counted, compare, count_events, is_drained
from benchmarks.soak.fault_injection import FAULTS, Fault
from benchmarks.soak.kills import KILLS
from benchmarks.soak.log_tail import LogTail, tracebacks
from benchmarks.soak.machine_lag import MachineLag
from benchmarks.soak.progress import WHOLE_INPUTS, WHOLE_KILLS, PartFigures, Progress
from benchmarks.soak.report import part_table, progress_line
from benchmarks.soak.well_known_traffic import DEFINED, Cell, KnownBody, Ledger, known_body
from catalog.models import Source, WriteKey
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.factories.traffic import process_inbox
from tests.live_processes import wait_for

CELL = Cell("track", "Order Completed", "conforming")
OTHER = Cell("page", "page", "undocumented")


class TestCounting:
    @pytest.fixture
    def source(self, db: None) -> Source:
        source = SourceFactory.create(slug="well-known")
        for name in DEFINED:
            EventFactory.create(name=name, sources=[source], is_live=True)
        return source

    @pytest.fixture
    def key(self, source: Source) -> WriteKey:
        return create_write_key(source)

    @staticmethod
    def send(known: KnownBody) -> None:
        kind = known.headers["content_type"]
        headers = {name.replace("_", "-"): value for name, value in known.headers.items() if name != "content_type"}
        assert Client().post(known.path, known.body, kind, headers=headers).status_code == 200

    def test_what_is_sent_once_or_twice_is_counted_once(self, source: Source, key: WriteKey) -> None:
        ledger = Ledger()
        for number in range(40):
            known = known_body(Random(number), key.key, f"once-{number}")
            for _ in range(1 + number % 2):
                self.send(known)
            ledger.add(known, 0)
        assert not is_drained()
        process_inbox()
        counted = count_events(source, ledger.message_ids)
        difference = compare(ledger.acknowledged, counted)
        assert (difference.lost, difference.doubled, difference.cells) == (0, 0, {})
        assert is_drained() and counted.repeats > 0 and counted.by_cell.total() == ledger.total > 200
        assert len(counted.by_cell) == 9  # all kinds of events were among them

    def test_an_acknowledged_event_that_is_doubled_or_lost_is_seen(self, source: Source, key: WriteKey) -> None:
        random = Random(1)
        first, second = (known_body(random, key.key, f"body-{number}") for number in range(2))
        for known in (first, second):
            self.send(known)
        process_inbox()
        events = second.cells.total()
        doubled = compare(first.cells, count_events(source, first.message_ids))  # the second was not acknowledged
        assert (doubled.lost, doubled.doubled) == (0, events)
        third = known_body(random, key.key, "body-3")
        ids = first.message_ids + second.message_ids + third.message_ids
        lost = compare(first.cells + second.cells + third.cells, count_events(source, ids))
        assert (lost.lost, lost.doubled) == (third.cells.total(), 0)

    def test_a_lost_event_does_not_hide_a_doubled_one(self) -> None:
        # Two were acknowledged: one is there twice, the other is not there.
        hidden = compare({CELL: 2}, Counted(Counter({CELL: 2}), distinct_ids=1, repeats=0, quarantined=0))
        assert (hidden.lost, hidden.doubled, hidden.cells) == (1, 1, {})
        moved = compare({CELL: 2}, Counted(Counter({CELL: 1, OTHER: 1}), distinct_ids=2, repeats=0, quarantined=0))
        assert (moved.lost, moved.doubled) == (1, 1)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names, after the seconds that it names, with Retry-After or not."""

    def do_GET(self) -> None:
        _, status, seconds, *retry_after = self.path.split("/")
        time.sleep(float(seconds))
        self.send_response(int(status))
        for value in retry_after:
            self.send_header("Retry-After", value)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[Clients]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Clients(server.server_address[1], EscapeLog(tmp_path / "escapes", 1), MachineLag(lambda: ()))
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/200/0", {}),
        ("/404/0", {}),
        ("/503/0/5", {}),
        ("/503/0", {"server error": 1}),
        ("/500/0", {"server error": 1}),
        ("/500/0/5", {"server error": 1}),
        ("/200/2", {"slow answer": 1}),
    ],
)
def test_answers_that_must_not_come_are_escapes(clients: Clients, path: str, kinds: dict[str, int]) -> None:
    clients.ask("tests", "GET", path, b"the body", {}, seed="a seed", seconds=1.5)
    assert clients.escapes.counts == kinds
    for file in clients.escapes.folder.glob("*.json") if kinds else ():
        escape = msgspec.json.decode(file.read_bytes(), type=Escape)
        assert (escape.seed, escape.shown_input) == ("a seed", "dGhlIGJvZHk=")
        assert path in escape.detail


def test_an_answer_that_nobody_could_give_sooner_is_excused_and_no_later_one(clients: Clients) -> None:
    with clients.absent_web():
        clients.ask("tests", "GET", "/200/1.0", None, {}, seed="", seconds=0.5)
    assert not clients.escapes.total
    clients.ask("tests", "GET", "/200/1.0", None, {}, seed="", seconds=0.5)
    assert clients.escapes.counts == {"slow answer": 1}


def test_everything_is_killed_and_broken_in_turns() -> None:
    for seed in ("a", "b"):
        steps = list(itertools.islice(chaos_steps(Random(seed)), 60))
        kills = Counter(kill.name for step in steps if not isinstance(step, Fault) for kill in step)
        faults = Counter(step.name for step in steps if isinstance(step, Fault))
        assert set(kills) == {kill.name for kill in KILLS} and max(kills.values()) - min(kills.values()) <= 1
        assert set(faults) == {fault.name for fault in FAULTS} and min(faults.values()) >= 2
        assert {len(step) for step in steps if not isinstance(step, Fault)} == {1, 2}


def test_a_connection_that_ends_is_no_escape(clients: Clients) -> None:
    assert clients.ask("tests", "GET", "/nothing", None, {}, seed="") is None
    assert not clients.escapes.total


def test_many_escapes_of_a_kind_are_counted_and_some_are_kept(tmp_path: Path) -> None:
    log = EscapeLog(tmp_path, 7)
    for number in range(MAX_FILES_OF_A_KIND + 5):
        log.add(Escape("slow answer", str(number)))
    assert log.total == MAX_FILES_OF_A_KIND + 5
    assert len(list(tmp_path.glob("part-007-slow-answer-*.json"))) == MAX_FILES_OF_A_KIND


def raise_two() -> str:
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error
    except ValueError:
        return traceback.format_exc()


def test_tracebacks_of_a_growing_log_are_found_once_and_whole(tmp_path: Path) -> None:
    log, text = tmp_path / "web.log", raise_two()
    tail = LogTail(log)
    assert tail.new_lines() == ""
    middle = text.index("ValueError")
    log.write_text("a line\n" + text[:middle])
    assert list(tracebacks(tail.new_lines())) == []
    with log.open("a") as file:
        file.write(text[middle:] + "another line\n" + text)
    found = list(tracebacks(tail.new_lines()))
    assert len(found) == 2 and all(each.startswith("ValueError: second at File") for each in found)
    log.write_text("")  # emptied, as a long one is
    assert tail.new_lines() == ""
    log.write_text(text)
    assert len(list(tracebacks(tail.new_lines()))) == 1


def part(number: int, **fields: object) -> PartFigures:
    known = {"seed": "s", "began": "now", "machine": "m", "commit": "c"}
    return msgspec.convert(known | {"number": number} | fields, PartFigures)


def test_progress_goes_on_and_counts_only_kills_whose_events_were_counted(tmp_path: Path) -> None:
    file = tmp_path / "soak" / "progress.json"
    Progress([part(1, kills={"check": 60}, is_counted=True, inputs_in_process=WHOLE_INPUTS - 5)]).save(file)
    progress = Progress.load(file)
    progress.parts.append(part(2, kills={"beat": 60}, inputs_over_http=5, escapes={"memory": 2}, memory={"web": 1}))
    progress.save(file)
    again = Progress.load(file)
    assert (again.kills, again.inputs, again.escapes, again.is_whole) == (60, WHOLE_INPUTS, 2, False)
    assert "60 of 100 kills" in progress_line(again) and "| lost | not counted |" in part_table(again.parts[1])
    assert "lost" not in part_table(again.parts[0])  # it measured no process: it fuzzed alone
    again.parts[1].is_counted = True
    assert again.kills == 2 * 60 >= WHOLE_KILLS and again.is_whole
    assert progress_line(again).startswith("The whole is reached") and "| lost | 0 |" in part_table(again.parts[1])


def test_a_process_that_waits_for_a_processor_is_late() -> None:
    """Three that want all of the time share one processor with it, so that it waits most of the time."""
    busy = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"
    processes = [subprocess.Popen([sys.executable, "-c", busy]) for _ in range(4)]
    lag = MachineLag(lambda: [processes[0].pid])
    lag.start()
    try:
        wait_for(lambda: lag.since(0.0) > 0.5, what="a machine that is late")
        assert lag.since(time.monotonic()) == 0.0
    finally:
        lag.stop()
        for process in processes:
            process.kill()
            process.wait()
