"""Writes small files that only their owner may read, and folders that only their owner may enter."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

MAX_LOG_BYTES = 20 * 1024 * 1024


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


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, readable for its owner alone. What grew too long is moved aside first."""
    trim_log(path)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0)


def trim_log(path: Path) -> None:
    """Move a log of over 20 MB aside, to `<name>.1`. Writers keep their open file: it is emptied, not renamed."""
    if path.is_file() and path.stat().st_size > MAX_LOG_BYTES:
        shutil.copyfile(path, path.with_suffix(f"{path.suffix}.1"))
        path.with_suffix(f"{path.suffix}.1").chmod(0o600)
        os.truncate(path, 0)


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last `count` lines of a log that are not empty; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16_384))
        lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if line.strip()][-count:]
