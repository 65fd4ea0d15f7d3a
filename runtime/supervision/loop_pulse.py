"""The pulse of a web process: its event loop writes the time every second, and the server's first process reads it.

It is written from the loop and not from a thread, so that it stops with whatever stops the answers: a stopped process,
or an interpreter that something holds. It is written into shared memory, since the loop never waits for a disk. Times
are those of `time.monotonic`, which all processes of a machine share.
"""

import asyncio
import mmap
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "WEB_PULSE_FOLDER"
"""The environment variable that names the folder of pulses. Where it is not set, nobody reads them."""

PULSE_SECONDS = 1.0
_TIME = struct.Struct("d")


@dataclass(slots=True)
class LoopPulse:
    """The time, written by the loop of this process for as long as the loop turns."""

    memory: mmap.mmap

    @classmethod
    def start(cls, loop: asyncio.AbstractEventLoop) -> None:
        """Begin on this loop, where somebody reads it. Raises OSError where the memory cannot be had."""
        if folder := os.environ.get(FOLDER_VARIABLE):
            cls(_shared_memory(pulse_path(Path(folder), os.getpid()))).beat(loop)

    def beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the time now, and again every second."""
        _TIME.pack_into(self.memory, 0, time.monotonic())
        loop.call_later(PULSE_SECONDS, self.beat, loop)


def pulse_path(folder: Path, pid: int) -> Path:
    """Return the file behind the memory of a process."""
    return folder / f"{pid}.pulse"


def last_beat(folder: Path, pid: int) -> float | None:
    """Return when the loop of a process turned last; None where it has not begun."""
    try:
        return float(_TIME.unpack(pulse_path(folder, pid).read_bytes())[0]) or None
    except (OSError, struct.error):
        return None


def _shared_memory(path: Path) -> mmap.mmap:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Its space is taken at once: where a disk is full this raises, and a write into a mapped hole kills (SIGBUS).
        os.posix_fallocate(handle, 0, _TIME.size) if hasattr(os, "posix_fallocate") else os.truncate(handle, _TIME.size)
        return mmap.mmap(handle, _TIME.size)
    finally:
        os.close(handle)
