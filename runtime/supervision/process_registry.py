"""Remembers the processes that one start made, so that the next one can end what a killed one left."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from runtime.files import is_disk_full, write_private
from runtime.supervision import process_control

STOP_TIMEOUT = 5.0


class ProcessEntry(TypedDict):
    """One process: its PID, what distinguishes it from a later one with that PID, and the signal that ends it."""

    pid: int
    birth: str
    signal: int


class ProcessRegistry:
    """The processes of one clone, by name, stored in a file.

    Where the file cannot be written, since the disk is full, `is_saved` is false, and `save` is to be tried again:
    what runs goes on running. A process that is not noted ends with its supervisor (on Linux) all the same.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_saved = True
        self.entries: dict[str, ProcessEntry] = {}
        # A damaged file says nothing: it is written whole or not at all, so somebody edited it.
        with suppress(FileNotFoundError, ValueError):
            self.entries = json.loads(path.read_text())

    def add(self, name: str, pid: int, stop_signal: signal.Signals) -> None:
        """Note a process that was just started. One that is gone already is not noted."""
        if identity := process_control.process_identity(pid):
            self.entries[name] = {"pid": pid, "birth": identity, "signal": int(stop_signal)}
            self.save()

    def remove(self, name: str) -> None:
        """Forget a process that has ended."""
        if self.entries.pop(name, None):
            self.save()

    def end_leftovers(self) -> list[str]:
        """End whatever still lives of an earlier start. Return the names of those that did."""
        leftovers = [
            name
            for name, entry in self.entries.items()
            if process_control.process_identity(entry["pid"]) == entry["birth"]
        ]
        for name in leftovers:
            with suppress(ProcessLookupError):
                os.kill(self.entries[name]["pid"], self.entries[name]["signal"])
        deadline = time.monotonic() + STOP_TIMEOUT
        for entry in self.entries.values():
            process_control.wait_until_gone(entry["pid"], entry["birth"], deadline - time.monotonic())
            # While nobody else has the number, a group of that number can only be theirs.
            if process_control.process_identity(entry["pid"]) in (None, entry["birth"]):
                process_control.kill_group(entry["pid"])
        self.entries = {}
        self.save()
        return leftovers

    def save(self) -> None:
        """Write the file, as far as the disk has room for it."""
        try:
            write_private(self.path, json.dumps(self.entries, indent=2))
        except OSError as error:
            if not is_disk_full(error):
                raise
            self.is_saved = False
        else:
            self.is_saved = True
