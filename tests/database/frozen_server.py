"""A PostgreSQL of a test's own, whose processes can be stopped in the middle of what they do."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from runtime.database.postgres_home import root_home, user_home
from runtime.database.temporary_database import temporary_database
from runtime.supervision.process_control import processes_in_folder
from tests.runtime.ordinary_user import IS_ROOT


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

    def kill(self) -> None:
        """End every process of it with -9: nobody listens any more."""
        self._signal(signal.SIGKILL)

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


@contextmanager
def freezable_server() -> Iterator[FreezableServer]:
    """A server without any table, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="signalbook-frozen-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        home = root_home(folder) if IS_ROOT else user_home(folder)
        with temporary_database(folder) as url:
            yield FreezableServer(url, home.data)
