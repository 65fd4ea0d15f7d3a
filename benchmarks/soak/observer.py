"""The thread that watches: how much memory each process holds, who was started again, and what the logs say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.soak.background_work import BackgroundWork
from benchmarks.soak.escapes import Escape, EscapeLog
from benchmarks.soak.installation import CHILDREN, WEB_PROCESSES, Installation
from benchmarks.soak.log_tail import LogTail, tracebacks
from runtime.supervision.process_memory import DEFAULT_LIMIT, KILLED_PAST, resident_bytes

LOOK_SECONDS = 0.5
GIGABYTE = 2**30
WORKER_MEMORY = int(DEFAULT_LIMIT * KILLED_PAST)
MEMORY_BOUNDS = {
    **dict.fromkeys(("check-1", "periodic-1", "jobs-1", "beat"), WORKER_MEMORY),
    # Bodies of SDKs take 128 MB at most, and four threads have one of 16 MB in their hands each.
    "web process": GIGABYTE,
    "web": GIGABYTE // 2,
    "supervisor": GIGABYTE // 4,
}
"""The most bytes that a process may hold, by its kind. PostgreSQL has bounds of its own, and is only measured."""

WEB_EXIT = "Unexpected exit from worker"
_UNEXPECTED_END = re.compile(r"^  (\S+)\s+(ended (?!by SIGKILL).*? and is started again|cannot be started.*)", re.M)


@dataclass(slots=True)
class Observer(BackgroundWork):
    """What was seen in one part. `look` before anything is killed, so that who is there first is known."""

    installation: Installation
    escapes: EscapeLog
    memory: dict[str, int] = field(default_factory=dict)
    restarts: Counter[str] = field(default_factory=Counter)
    web_exits: int = 0  # processes of the web server that ended without being asked, as their first one says
    _seen: dict[str, set[int]] = field(default_factory=dict)
    _logs: dict[Path, LogTail] = field(default_factory=dict)

    def _work(self, number: int) -> None:
        while not self._should_stop.wait(LOOK_SECONDS):
            self.look()
        self.look()

    def look(self) -> None:
        """Look at everything once."""
        for kind, pid in self._processes():
            self._note_restart(kind, pid)
            self._note_memory(kind, pid)
        self._read_logs()

    def _processes(self) -> Iterator[tuple[str, int]]:
        for name, pid in self.installation.pids().items():
            if name == "supervisor" or name in CHILDREN:  # not the commands that a start runs
                yield name, pid
        yield from (("web process", pid) for pid in self.installation.web_processes())
        yield from (("database process", pid) for pid in self.installation.database_processes())

    def _note_restart(self, kind: str, pid: int) -> None:
        if kind == "database process":
            return  # one comes and goes with each connection
        seen = self._seen.setdefault(kind, set())
        if pid not in seen:
            seen.add(pid)
            first = WEB_PROCESSES if kind == "web process" else 1
            self.restarts[kind] += len(seen) > first

    def _note_memory(self, kind: str, pid: int) -> None:
        held = resident_bytes(pid)
        self.memory[kind] = max(self.memory.get(kind, 0), held)
        bound = MEMORY_BOUNDS.get(kind)
        if bound is not None and held > bound:
            self.escapes.add(Escape("memory", f"{kind} holds {held // 2**20:,} MB; {bound // 2**20:,} MB are allowed"))

    def _may_end(self, name: str) -> bool:
        """Tell whether it may end by itself: a database that cannot write its log does, and everybody else works on."""
        disk = self.installation.disk
        return name == "postgres" and disk is not None and disk.was_full

    def _read_logs(self) -> None:
        said = self.installation.clone.root / "said"
        for path in (said, *sorted(self.installation.logs.glob("*.log"))):
            text = self._logs.setdefault(path, LogTail(path)).new_lines()
            if path == said:
                for name, words in _UNEXPECTED_END.findall(text):
                    if not self._may_end(name):
                        self.escapes.add(Escape("unexpected end", f"{name} {words}"))
            self.web_exits += text.count(WEB_EXIT)
            for found in tracebacks(text):
                self.escapes.add(Escape("traceback", f"{path.stem}: {found}"))
