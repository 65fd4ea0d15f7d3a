"""A small disk that is filled: real, so that it needs root and Linux."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.no_skips import CANNOT_MOUNT


@contextlib.contextmanager
def small_disk(folder: Path, *, size: int) -> Iterator[Path]:
    """Mount a disk of `size` bytes at `folder/disk` for the block. Skips the test where nobody may do that."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip(CANNOT_MOUNT)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on the disk, and return the file that takes it all."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast
