"""A PostgreSQL of a test's own, whose processes can be stopped in the middle of what they do."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from runtime.supervision.process_control import processes_in_folder


@dataclass(frozen=True, slots=True)
class FreezableServer:
    """A running server. `data` is the folder in which its processes work."""

    url: str
    data: Path

    def freeze(self) -> None:
        """Stop every process of it, those that serve a connection too: sockets stay open, nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def _signal(self, number: signal.Signals) -> None:
        for pid in processes_in_folder(self.data):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
