"""The clone that runs, and its private folder `.signalbook/`."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime import os_accounts
from runtime.files import write_private
from runtime.startup_errors import StartupError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Clone:
    """A checkout of Signalbook: its folder, and its data in `.signalbook/`."""

    root: Path

    @property
    def state(self) -> Path:
        """The folder of this clone's data, accessible to its owner only."""
        return self.root / ".signalbook"

    @property
    def logs(self) -> Path:
        """The folder of the logs, one a process."""
        return self.state / "logs"

    @property
    def demo_file(self) -> Path:
        """The demo's address, accounts and write keys."""
        return self.state / "demo.json"

    def log(self, name: str) -> Path:
        """Return the log of the process `name`."""
        return self.logs / f"{name}.log"

    def create_state_folder(self) -> None:
        """Create `.signalbook/`, accessible to this account only.

        Raises StartupError where another account owns it or it cannot be created.
        """
        try:
            self.state.mkdir(mode=0o700, exist_ok=True)
            found = self.state.lstat().st_uid
            if found != os.geteuid():
                raise StartupError(
                    f"{self.state} belongs to {os_accounts.name_of(found)}, and you are "
                    f"{os_accounts.name_of(os.geteuid())}. Run as that user, or use a clone of your own."
                )
            self.state.chmod(0o700)
            for folder in (self.logs, self.state / "workers"):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StartupError(
                f"{self.state} cannot be created or written ({error.strerror}). Use a clone that you may write to."
            ) from error

    def is_step_done(self, name: str, value: str) -> bool:
        """Return whether a step that need not be repeated was done for `value`, by its note."""
        note = self.state / f"{name}.done"
        return note.is_file() and note.read_text() == _digest(value)

    def mark_step_done(self, name: str, value: str) -> None:
        """Note that a step was done for `value`."""
        write_private(self.state / f"{name}.done", _digest(value))

    def clear_step(self, name: str) -> None:
        """Forget that a step was done."""
        (self.state / f"{name}.done").unlink(missing_ok=True)

    def static_files_fingerprint(self) -> str:
        """Return a text that changes whenever a static file of ours or an installed package changes."""
        lines = [f"{path} {status.st_size} {status.st_mtime_ns}" for path, status in self._static_sources()]
        return "\n".join(sorted(lines))

    def _static_sources(self) -> Iterator[tuple[Path, os.stat_result]]:
        folders = [self.root / "static", *self.root.glob("*/static"), *self.root.glob("*/*/static")]
        stamps = self.root.glob(".venv/installed-*")
        for path in (*(path for folder in folders for path in folder.rglob("*")), *stamps):
            if path.is_file():
                yield path, path.stat()


def _digest(value: str) -> str:
    """Return what a note stores: a hash, since the value may contain a password."""
    return hashlib.sha256(value.encode()).hexdigest()
