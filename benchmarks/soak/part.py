"""One part of a soak: everything at once for some minutes, then the counting."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections
from environ import Env

from accounts.roles import Role, Scope
from accounts.services import issue_token
from benchmarks.soak.chaos import Chaos
from benchmarks.soak.check_fuzz import CheckFuzz
from benchmarks.soak.clients import Clients
from benchmarks.soak.counting import Difference, compare, count_events, is_drained
from benchmarks.soak.escapes import Escape, EscapeLog
from benchmarks.soak.http_fuzz import HttpFuzz
from benchmarks.soak.installation import Installation, running_installation
from benchmarks.soak.machine_lag import MachineLag
from benchmarks.soak.observer import Observer
from benchmarks.soak.progress import PartFigures
from benchmarks.soak.slow_sockets import SlowSockets
from benchmarks.soak.well_known_traffic import DEFINED, WellKnownTraffic
from catalog.models import Source
from database.thread_connections import close_unusable_connections
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.live_processes import wait_for
from tracking.traffic.models import QuarantinedBatch

DRAIN_SECONDS = 240.0
ACKNOWLEDGE_SECONDS = 60.0
SAVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PartOptions:
    """How long a part lasts, and how much of everything there is. `pause` are the seconds between two kills.

    It goes on until there were `min_kills`; each takes as long as what was killed needs to come back.
    """

    seconds: float
    min_kills: int = 0
    slow_sockets: int = 300
    pause: tuple[float, float] = (1.0, 5.0)
    max_inputs: int = 10**9


@dataclass(frozen=True, slots=True)
class Senders:
    """The two sources and what lets one send, and read."""

    known: Source
    known_key: str
    fuzzed: Source
    fuzzed_key: str
    token: str


def run_part(
    figures: PartFigures, folder: Path, options: PartOptions, *, save: Callable[[], None], should_stop: threading.Event
) -> None:
    """Run a part and write into `figures` what came of it; `save` is called whenever they have changed.

    Its escapes are written into `folder`, and the logs of the installation where there were any. It ends early, with
    its counting, once `should_stop` is set.
    """
    began = time.monotonic()
    escapes = EscapeLog(folder / "escapes", figures.number)
    threading.excepthook = lambda failed: escapes.add(  # a client that ended by itself would find nothing any more
        Escape("soak failed", f"{failed.thread}: {failed.exc_value!r}", figures.seed)
    )
    fuzz = CheckFuzz(folder, figures.seed, escapes)
    fuzz.start(seconds=options.seconds, inputs=options.max_inputs)
    try:
        with running_installation(folder, secret=settings.SECRET_KEY) as installation, _connected(installation):
            try:
                _run_in(installation, figures, escapes, fuzz, options, save, should_stop)
            finally:
                if escapes.total:
                    _keep_logs(installation, folder / "escapes" / f"part-{figures.number:03}-logs")
    finally:
        fuzz.stop()
        figures.inputs_in_process = fuzz.inputs
        figures.seconds = time.monotonic() - began
        figures.escapes = dict(escapes.counts)
        save()


def run_fuzz_part(
    figures: PartFigures, folder: Path, options: PartOptions, *, save: Callable[[], None], should_stop: threading.Event
) -> None:
    """Run a part that only fuzzes in process, on every core, since enough was killed; else as `run_part` does."""
    began = time.monotonic()
    escapes = EscapeLog(folder / "escapes", figures.number)
    cores = os.cpu_count() or 1
    fuzzes = [
        CheckFuzz(folder, f"{figures.seed}/{number}", escapes, name=f"check-fuzz-{number}") for number in range(cores)
    ]
    try:
        for fuzz in fuzzes:
            fuzz.start(seconds=options.seconds, inputs=options.max_inputs // cores + 1)
        while not all(fuzz.is_over for fuzz in fuzzes) and not should_stop.wait(SAVE_SECONDS):
            _note_fuzz(figures, fuzzes, escapes, began, save)
    finally:
        for fuzz in fuzzes:
            fuzz.stop()
        _note_fuzz(figures, fuzzes, escapes, began, save)


def _note_fuzz(
    figures: PartFigures, fuzzes: Sequence[CheckFuzz], escapes: EscapeLog, began: float, save: Callable[[], None]
) -> None:
    for fuzz in fuzzes:
        fuzz.read()
    figures.inputs_in_process = sum(fuzz.inputs for fuzz in fuzzes)
    figures.seconds, figures.escapes = time.monotonic() - began, dict(escapes.counts)
    save()


def _run_in(
    installation: Installation,
    figures: PartFigures,
    escapes: EscapeLog,
    fuzz: CheckFuzz,
    options: PartOptions,
    save: Callable[[], None],
    should_stop: threading.Event,
) -> None:
    senders, lag = _prepare(), MachineLag(installation.web_processes)
    clients = Clients(installation.port, escapes, lag)
    observer = Observer(installation, escapes)
    traffic = WellKnownTraffic(clients, senders.known_key, figures.seed)
    http_fuzz = HttpFuzz(clients, senders.fuzzed_key, senders.token, figures.seed)
    slow = SlowSockets(installation.port, f"{figures.seed}/slow", options.slow_sockets)
    chaos = Chaos(installation, escapes, lag, f"{figures.seed}/chaos", options.pause)

    def note() -> None:
        fuzz.read()
        figures.kills, figures.faults = dict(chaos.kills), dict(chaos.faults)
        figures.slowest_return, figures.slowest = dict(chaos.slowest_return), dict(clients.slowest)
        figures.memory, figures.restarts = dict(observer.memory), dict(+observer.restarts)
        figures.slow_sockets, figures.inputs_over_http = slow.opened, http_fuzz.answered
        figures.inputs_in_process, figures.escapes = fuzz.inputs, dict(escapes.counts)
        save()

    for each in (lag, observer, traffic, http_fuzz, slow, chaos):
        each.start()
    until = time.monotonic() + options.seconds
    while (time.monotonic() < until or chaos.kills.total() < options.min_kills) and not should_stop.wait(SAVE_SECONDS):
        note()
    # Nobody sends any more once nothing is killed any more: what is acknowledged last is counted like all else.
    for each in (chaos, slow, http_fuzz):
        each.stop()
    traffic.stop(seconds=ACKNOWLEDGE_SECONDS)
    difference = _count(senders, traffic, figures, escapes)
    observer.stop()
    lag.stop()
    figures.is_counted = difference is not None
    note()


def _count(senders: Senders, traffic: WellKnownTraffic, figures: PartFigures, escapes: EscapeLog) -> Difference | None:
    """Wait until all is checked and count it. Returns None where that never comes."""
    try:
        wait_for(_asked_again(is_drained), seconds=DRAIN_SECONDS, what="an empty inbox")
    except TimeoutError as error:
        escapes.add(Escape("not drained", str(error), figures.seed))
        return None
    counted = count_events(senders.known)
    difference = compare(traffic.ledger.acknowledged, counted)
    quarantined = list(QuarantinedBatch.objects.order_by("id"))
    figures.acknowledged, figures.repeats = traffic.ledger.total, counted.repeats
    figures.lost, figures.doubled, figures.quarantined = difference.lost, difference.doubled, len(quarantined)
    if difference.lost or difference.doubled:
        detail = f"{difference.lost} lost, {difference.doubled} doubled: {difference.cells}"
        escapes.add(Escape("lost or doubled", detail, figures.seed))
    for batch in quarantined:
        detail = f"of {batch.source.slug}, {batch.wire} {batch.call or 'batch'}, {batch.environment}: {batch.reason}"
        escapes.add(Escape.of_input("quarantined", detail, bytes(batch.body), seed=figures.seed))
    return difference


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


def _keep_logs(installation: Installation, target: Path) -> None:
    shutil.copytree(installation.logs, target, dirs_exist_ok=True)
    shutil.copy2(installation.clone.root / "said", target / "supervisor.log")
