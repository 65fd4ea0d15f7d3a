"""One part of a soak: everything at once for some minutes, then the counting."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections
from environ import Env

from accounts.roles import Role, Scope
from accounts.services import issue_token
from benchmarks.soak.chaos import Chaos
from benchmarks.soak.check_fuzz import CheckFuzz
from benchmarks.soak.clients import Clients
from benchmarks.soak.escapes import Escape, EscapeLog
from benchmarks.soak.event_counts import compare, count_events, is_drained
from benchmarks.soak.http_fuzz import HttpFuzz
from benchmarks.soak.installation import Installation, running_installation
from benchmarks.soak.kills import WEB_PROCESS
from benchmarks.soak.machine_lag import MachineLag
from benchmarks.soak.observer import Observer
from benchmarks.soak.progress import PartFigures
from benchmarks.soak.slow_sockets import SlowSockets
from benchmarks.soak.well_known_traffic import DEFINED, Ledger, WellKnownTraffic
from catalog.models import Source
from database.thread_connections import close_unusable_connections
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.live_processes import wait_for
from tracking.traffic.models import QuarantinedBatch

DRAIN_SECONDS = 240.0
ACKNOWLEDGE_SECONDS = 60.0
SAVE_SECONDS = 5.0
FAULT_TURNS = 2


@dataclass(frozen=True, slots=True)
class PartOptions:
    """How long a part lasts, and how much of everything there is. `pause` are the seconds between two kills.

    It goes on until there were `min_kills` and `min_faults`; each takes as long as what was killed needs to come back.
    Once there were `enough_kills`, and each fault `FAULT_TURNS` times, nothing is killed any more, and what is left of
    the time is for inputs alone.
    """

    seconds: float
    min_kills: int = 0
    min_faults: int = 0
    slow_sockets: int = 300
    pause: tuple[float, float] = (1.0, 5.0)
    enough_kills: int = 10**9
    max_inputs: int = 10**9


@dataclass(frozen=True, slots=True)
class Senders:
    """The two sources and what lets one send, and read."""

    known: Source
    known_key: str
    fuzzed: Source
    fuzzed_key: str
    token: str


@dataclass(slots=True)
class PartRun:
    """One part, while it runs. `figures` says what has come of it, and `save` is called whenever that has changed.

    Escapes are written into `folder`, and the logs of the installation where there were any. It ends early, with its
    counting, once `should_stop` is set.
    """

    figures: PartFigures
    folder: Path
    options: PartOptions
    save: Callable[[], None]
    should_stop: threading.Event
    escapes: EscapeLog = field(init=False)
    _fuzzes: list[CheckFuzz] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.escapes = EscapeLog(self.folder / "escapes", self.figures.number)

    def run(self) -> None:
        """Kill, break, hold up and fuzz an installation at once, then count; then fuzz alone for what time is left.

        Raises RuntimeError where no installation starts.
        """
        threading.excepthook = self._note_failed_thread
        if self.options.enough_kills > 0:
            with self._fuzzing(1), running_installation(self.folder, secret=settings.SECRET_KEY) as installation:
                try:
                    with _connected(installation):
                        self._run_in(installation)
                finally:
                    if self.escapes.total:
                        installation.keep_logs(self.folder / "escapes" / f"part-{self.figures.number:03}-logs")
        if self._inputs_left > 0 and self._seconds_left > 0 and not self.should_stop.is_set():
            self._fuzz_alone()

    def _fuzz_alone(self) -> None:
        """Fuzz in process and nothing else, on every core: for the time after enough was killed."""
        with self._fuzzing(os.cpu_count() or 1) as fuzzes:
            while not all(fuzz.is_over for fuzz in fuzzes) and not self.should_stop.wait(SAVE_SECONDS):
                self._note()

    @contextlib.contextmanager
    def _fuzzing(self, width: int) -> Iterator[Sequence[CheckFuzz]]:
        """Fuzz in so many processes for the block, or until the part's time is up or its inputs are tried."""
        seconds, inputs, first = max(self._seconds_left, 1.0), self._inputs_left // width + 1, len(self._fuzzes)
        fuzzes = [
            CheckFuzz(self.folder, f"{self.figures.seed}/{number}", self.escapes, name=f"check-fuzz-{number}")
            for number in range(first, first + width)
        ]
        self._fuzzes += fuzzes
        try:
            for fuzz in fuzzes:
                fuzz.start(seconds=seconds, inputs=inputs)
            yield fuzzes
        finally:
            for fuzz in fuzzes:
                fuzz.stop()
            self._note()

    @property
    def _seconds_left(self) -> float:
        return self.options.seconds - (time.monotonic() - self._began)

    @property
    def _inputs_left(self) -> int:
        return self.options.max_inputs - self.figures.input_count

    def _must_go_on(self, chaos: Chaos) -> bool:
        """Return whether more is to be killed and broken."""
        options, kills = self.options, chaos.kills.total()
        if kills < options.min_kills or chaos.faults.total() < options.min_faults:
            return True
        is_enough = kills >= options.enough_kills and chaos.least_of_a_fault >= FAULT_TURNS
        return self._seconds_left > 0 and not is_enough

    def _run_in(self, installation: Installation) -> None:
        senders, lag, seed = _prepare(), MachineLag(installation.web_processes), self.figures.seed
        clients = Clients(installation.port, self.escapes, lag)
        observer = Observer(installation, self.escapes)
        traffic = WellKnownTraffic(clients, senders.known_key, seed)
        http_fuzz = HttpFuzz(clients, senders.fuzzed_key, senders.token, seed)
        slow = SlowSockets(installation.port, f"{seed}/slow", self.options.slow_sockets)
        chaos = Chaos(installation, clients, self.escapes, f"{seed}/chaos", self.options.pause)

        def note() -> None:
            figures = self.figures
            figures.kills, figures.faults = dict(chaos.kills), dict(chaos.faults)
            figures.slowest_return, figures.slowest = dict(chaos.slowest_return), dict(clients.slowest)
            figures.told_to_wait = dict(+clients.told_to_wait)
            figures.memory, figures.restarts = dict(observer.memory), dict(+observer.restarts)
            figures.slow_sockets, figures.inputs_over_http = slow.opened, http_fuzz.answered
            self._note()

        observer.look()
        for each in (lag, observer, traffic, http_fuzz, slow, chaos):
            each.start()
        while self._must_go_on(chaos) and not self.should_stop.wait(SAVE_SECONDS):
            note()
        # What was killed last is back before the last body is sent, so that every one of them can be acknowledged.
        for each in (chaos, slow, http_fuzz):
            each.stop()
        try:
            traffic.stop(seconds=ACKNOWLEDGE_SECONDS)
            wait_for(_asked_again(is_drained), seconds=DRAIN_SECONDS, what="an empty inbox")
        except TimeoutError as error:
            self.escapes.add(Escape("not counted", str(error), seed))
        else:
            self._count(senders.known, traffic.ledger)
        observer.stop()
        lag.stop()
        if (killed := chaos.kills[WEB_PROCESS]) < observer.web_exits:
            detail = f"{observer.web_exits} web processes ended, of which {killed} were killed"
            self.escapes.add(Escape("unexpected end", detail, seed))
        note()

    def _count(self, known: Source, ledger: Ledger) -> None:
        """Compare what was acknowledged with what is counted, now that nothing waits any more."""
        counted, figures = count_events(known, ledger.message_ids), self.figures
        difference = compare(ledger.acknowledged, counted)
        quarantined = list(QuarantinedBatch.objects.select_related("source").order_by("id"))
        figures.acknowledged, figures.repeats = ledger.total, counted.repeats
        figures.lost, figures.doubled, figures.quarantined = difference.lost, difference.doubled, len(quarantined)
        figures.is_counted = True
        if difference.lost or difference.doubled:
            detail = f"{difference.lost} lost, {difference.doubled} doubled: {difference.cells}"
            self.escapes.add(Escape("lost or doubled", detail, figures.seed))
        for batch in quarantined:
            way = f"{batch.source.slug}, {batch.wire} {batch.call or 'batch'}, {batch.environment}"
            self.escapes.add(
                Escape.of_input("quarantined", f"of {way}: {batch.reason}", bytes(batch.body), seed=figures.seed)
            )

    def _note(self) -> None:
        for fuzz in self._fuzzes:
            fuzz.read()
        self.figures.inputs_in_process = sum(fuzz.inputs for fuzz in self._fuzzes)
        self.figures.seconds = time.monotonic() - self._began
        self.figures.escapes = dict(self.escapes.counts)
        self.save()

    def _note_failed_thread(self, failed: threading.ExceptHookArgs) -> None:
        """A client that ends by itself would find nothing any more: that must not look like success."""
        name = failed.thread.name if failed.thread else "a thread"
        self.escapes.add(Escape("soak failed", f"{name}: {failed.exc_value!r}", self.figures.seed))


def _asked_again(condition: Callable[[], bool]) -> Callable[[], bool]:
    """Return the condition, which is false while the database cannot be asked."""

    def ask() -> bool:
        close_unusable_connections()
        try:
            return condition()
        except (DatabaseError, InterfaceError):
            return False

    return ask


def _prepare() -> Senders:
    """Create the source whose events are known and the one whose input is hostile, both with the same definitions."""
    known, fuzzed = SourceFactory.create(slug="well-known"), SourceFactory.create(slug="fuzzed")
    for name in DEFINED:
        EventFactory.create(name=name, sources=[known, fuzzed], is_live=True)
    reader = person(Role.VIEWER, username="reader")
    _, token = issue_token(user=reader, name="soak", scopes=(Scope.READ,), by=reader)
    return Senders(known, create_write_key(known).key, fuzzed, create_write_key(fuzzed).key, token)


@contextlib.contextmanager
def _connected(installation: Installation) -> Iterator[None]:
    """Let this process's Django reach the installation's database, as the owner of its tables, for the block."""
    before = dict(connection.settings_dict)
    connections.close_all()
    connection.settings_dict.update(Env.db_url_config(installation.owner_url) | {"ENGINE": before["ENGINE"]})
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.update(before)
