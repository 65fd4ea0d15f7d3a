"""Lets one supervisor run in a clone at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.startup_errors import StartupError


@contextmanager
def instance_lock(path: Path, description: str) -> Iterator[None]:
    """Hold the lock at `path`, which says `about` us to others. The system frees it when we end, however we end.

    Raises StartupError, naming who holds it, where somebody does.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, what = os.read(handle, 1024).decode(errors="replace").strip().partition(" ")
            raise StartupError(
                f"Signalbook already runs from this folder ({what or 'starting'}, process {pid or 'unknown'}). "
                f"Use that one, or stop it first: kill {pid}"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {description}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
