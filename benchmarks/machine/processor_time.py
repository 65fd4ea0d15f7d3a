"""The processor time of processes, by what Linux says in /proc."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessTimes:
    """A process as /proc/PID/stat describes it. The seconds are those of user and system together."""

    pid: int
    parent: int
    session: int
    seconds: float
    children_seconds: float  # of children that have ended and were waited for


def seconds_of_session(session: int) -> float:
    """Return what all processes of a session have used, and those of their children that have ended."""
    return _sum(lambda process: process.session == session)


def seconds_of_family(parent: int) -> float:
    """Return what a process, its children and those of its children that have ended have used."""
    return _sum(lambda process: parent in (process.pid, process.parent))


def parent_of(pid: int) -> int | None:
    """Return the parent of a process; None where there is no such process."""
    found = _read(_PROCESSES / str(pid) / "stat")
    return None if found is None else found.parent


def _sum(is_counted: Callable[[ProcessTimes], bool]) -> float:
    return sum(process.seconds + process.children_seconds for process in _all() if is_counted(process))


def _all() -> Iterator[ProcessTimes]:
    for stat in _PROCESSES.glob("[0-9]*/stat"):
        if (found := _read(stat)) is not None:
            yield found


def _read(stat: Path) -> ProcessTimes | None:
    try:
        text = stat.read_text()
    except OSError:  # it has ended
        return None
    fields = [int(field) for field in text.rpartition(")")[2].split()[1:16]]
    user, system, children_user, children_system = fields[10:14]
    return ProcessTimes(
        pid=int(text.partition(" ")[0]),
        parent=fields[0],
        session=fields[2],
        seconds=(user + system) / _TICKS,
        children_seconds=(children_user + children_system) / _TICKS,
    )
