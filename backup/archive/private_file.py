"""A new file that nobody else may read, and that has its name only once it is whole."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from backup.backup_errors import BackupError

SUFFIX = ".partial"
"""The end of the name of a file that is not whole yet, or whose process was killed."""


@contextmanager
def new_private_file(target: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write, with mode 0600; it becomes `target` when the block ends.

    Where the block raises, or the disk is full, no file stays. Raises BackupError where `target` is there already, by
    the end of the block at the latest, and OSError.
    """
    _require_none(target)
    handle, partial_path = tempfile.mkstemp(dir=target.parent, prefix=".signalbook-", suffix=SUFFIX)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _give_name(Path(partial_path), target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial_path)
    _sync_folder(target.parent)


def _give_name(partial_path: Path, target: Path) -> None:
    # A link, unlike a rename, replaces nothing that somebody else put there meanwhile.
    try:
        os.link(partial_path, target)
    except FileExistsError:
        _require_none(target)
        raise
    except OSError:  # a file system without links, such as that of a memory stick
        _require_none(target)
        os.rename(partial_path, target)


def _require_none(target: Path) -> None:
    if os.path.lexists(target):
        raise BackupError(f"{target} is there already. Name another file, or a folder.")


def _sync_folder(folder: Path) -> None:
    """Let the new name outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
