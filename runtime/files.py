"""Writes small files that only their owner may read, and folders that only their owner may enter."""

import errno
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

MAX_LOG_BYTES = 20 * 1024 * 1024
FULL_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT)


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether something failed since the disk, or what this account may have of it, is full."""
    return isinstance(error, OSError) and error.errno in FULL_DISK_ERRORS


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path`, readable for its owner alone, in one step: a reader sees the old file or the new one."""
    handle, temporary_path = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(temporary_path, path)
    except OSError:
        with suppress(FileNotFoundError):
            os.unlink(temporary_path)
        raise


def overwrite(path: Path, text: str) -> None:
    """Write `text` over what `path` holds, at its place: that needs no new space, so it goes on a full disk, too.

    What was longer is filled up with blanks, so that a reader never sees the end of the old text behind the new one.
    Raises OSError where the file is not there.
    """
    handle = os.open(path, os.O_WRONLY)
    try:
        content = text.encode()
        os.pwrite(handle, content.ljust(os.fstat(handle).st_size), 0)
    finally:
        os.close(handle)


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, readable for its owner alone. What grew too long is moved aside first."""
    trim_log(path)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0)


def trim_log(path: Path) -> None:
    """Move a log of over 20 MB aside, to `<name>.1`. Writers keep their open file: it is emptied, not renamed.

    Where the disk has no room for the copy, there is none: a log must not keep the disk full.
    """
    if not path.is_file() or path.stat().st_size <= MAX_LOG_BYTES:
        return
    older = path.with_suffix(f"{path.suffix}.1")
    try:
        shutil.copyfile(path, older)
        older.chmod(0o600)
    except OSError as error:
        if not is_disk_full(error):
            raise
        older.unlink(missing_ok=True)
    os.truncate(path, 0)


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last `count` lines of a log that are not empty; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16_384))
        lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if line.strip()][-count:]
