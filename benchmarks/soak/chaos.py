"""The thread that kills and breaks, one thing after the other, and waits each time until all works again."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from benchmarks.soak.background_work import BackgroundWork
from benchmarks.soak.clients import COLLECTOR, Clients
from benchmarks.soak.escapes import Escape, EscapeLog
from benchmarks.soak.fault_injection import FAULTS, Fault
from benchmarks.soak.installation import CHILDREN, Installation
from benchmarks.soak.kills import KILLS, Kill

Each = TypeVar("Each")

RETURN_SECONDS = 90.0
"""Until all works again: 15 s until a silent or deaf one is known, 30 s of pause at most, and a start."""

FAULT_EVERY = 4
"""After so many kills comes a fault."""


@dataclass(slots=True)
class Chaos(BackgroundWork):
    """What was killed and broken in one part, and how long each took to come back. `pause` are the seconds between."""

    installation: Installation
    clients: Clients
    escapes: EscapeLog
    seed: str
    pause: tuple[float, float] = (1.0, 5.0)
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    slowest_return: dict[str, float] = field(default_factory=dict)

    @property
    def possible_faults(self) -> tuple[Fault, ...]:
        """The faults that this machine lets us bring about."""
        return tuple(fault for fault in FAULTS if self.installation.disk or not fault.needs_disk)

    @property
    def least_of_a_fault(self) -> int:
        """How often each fault came at least."""
        return min(self.faults[fault.name] for fault in self.possible_faults)

    def _work(self, number: int) -> None:
        random = Random(self.seed)
        for step in chaos_steps(random, self.possible_faults):
            if self._should_stop.is_set():
                return
            if isinstance(step, Fault):
                self._bring_about(step, random)
            else:
                self._kill_at_once(step, random)
            self._should_stop.wait(random.uniform(*self.pause))

    def _bring_about(self, fault: Fault, random: Random) -> None:
        told_before = self.clients.told_to_wait[COLLECTOR]
        old = fault.bring_about(self.installation, random)
        self.faults[fault.name] += 1
        self._wait_until_back(fault.name, old)
        if fault.needs_disk and self.clients.told_to_wait[COLLECTOR] == told_before:
            detail = "the disk was full, and the collector told nobody to wait"
            self.escapes.add(Escape("fault without effect", detail, self.seed))

    def _kill_at_once(self, kills: Sequence[Kill], random: Random) -> None:
        with ExitStack() as absent:
            if any(kill.leaves_nobody for kill in kills):
                absent.enter_context(self.clients.absent_web())
            before = self.installation.pids()
            found = {kill.name: kill.carry_out(self.installation, random) for kill in kills}
            killed = {name: pid for name, pid in found.items() if pid is not None}
            self.kills.update(killed.keys())
            if before.get("supervisor") in killed.values():
                assert self.installation.supervisor is not None
                self.installation.supervisor.wait()
                self.installation.start()  # as whatever started it before does it
            if killed:
                old = {name: pid for name, pid in before.items() if pid in killed.values()}
                self._wait_until_back(" and ".join(sorted(killed)), old)

    def _wait_until_back(self, what: str, old: Mapping[str, int]) -> None:
        """Wait until every process is there, another one in the place of each old one, and all are ready."""
        began = time.monotonic()
        while not self._is_back(old):
            self._start_again_if_stopped()
            if time.monotonic() - began > RETURN_SECONDS + self.clients.lag.since(began):
                said = self.installation.clone.output()[-1_500:]
                detail = f"not ready {RETURN_SECONDS:g} s after: {what}. The supervisor said last:\n{said}"
                self.escapes.add(Escape("no return", detail, self.seed))
                return
            time.sleep(0.2)
        if " and " not in what:  # what came back alone shows how long it takes
            self.slowest_return[what] = max(self.slowest_return.get(what, 0.0), time.monotonic() - began)

    def _start_again_if_stopped(self) -> None:
        """Go on where the supervisor has ended though nothing here ended it, and say so."""
        supervisor = self.installation.supervisor
        if supervisor is not None and supervisor.poll() is not None:
            said = self.installation.clone.output()[-500:]
            detail = f"the supervisor ended with {supervisor.returncode}, and nothing of the soak ended it:\n{said}"
            self.escapes.add(Escape("unexpected end", detail, self.seed))
            self.installation.start()

    def _is_back(self, old: Mapping[str, int]) -> bool:
        pids = self.installation.pids()
        is_replaced = {*CHILDREN, "supervisor"} <= set(pids) and all(pids[name] != pid for name, pid in old.items())
        return is_replaced and self.installation.has_all_processes() and self.installation.clone.is_ready()


def chaos_steps(random: Random, faults: tuple[Fault, ...] = FAULTS) -> Iterator[Sequence[Kill] | Fault]:
    """Yield what to do next, for ever: kills, one or two at once, and after some of them a fault.

    Each comes in turns, and after the first turn in an order of chance.
    """
    kills, faults_in_turn = _turns(KILLS, random), _turns(faults, random)
    while True:
        left = FAULT_EVERY
        while left > 0:
            at_once = random.choice((1, 2))
            yield tuple(itertools.islice(kills, at_once))
            left -= at_once
        yield next(faults_in_turn)


def _turns(things: tuple[Each, ...], random: Random) -> Iterator[Each]:
    yield from things
    while True:
        yield from random.sample(things, len(things))
