"""A disk of its own for the installation, so that it can be filled while nobody else's is (Linux, as root)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runtime.database.postgres_home import SYSTEM_STATE

DISK_BYTES = 4 * 2**30
"""What the disk may hold; its image has holes, and takes no more of the machine's own than was written."""

RECOVERY_SECONDS = 90.0
"""For how long after it had no room a database may end: it starts again with a pause of up to half a minute."""

MOUNT_SECONDS = 60.0


@dataclass(slots=True)
class LimitedDisk:
    """A file system of its own, in the file `image`, that everybody reaches at `folder`."""

    image: Path
    folder: Path
    _full_until: float = field(init=False, default=float("-inf"))

    @classmethod
    def of(cls, folder: Path) -> LimitedDisk:
        """Return the disk of the soak in `folder`, mounted or not.

        It is mounted where PostgreSQL's account can reach it, which may enter no folder of root's.
        """
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]
        return cls(folder / "disk.img", SYSTEM_STATE / f"signalbook-disk-{digest}")

    @property
    def was_full(self) -> bool:
        """Whether it is full, or was a moment ago."""
        return time.monotonic() < self._full_until

    @contextlib.contextmanager
    def filled(self) -> Iterator[FilledDisk]:
        """Leave no room on the disk for the block. Whoever frees some meanwhile has it until `fill` takes it again."""
        ballast = self.folder / "ballast"
        self._full_until = float("inf")
        try:
            with FilledDisk.create(ballast) as filled:
                filled.fill()
                yield filled
        finally:
            ballast.unlink(missing_ok=True)
            self._full_until = time.monotonic() + RECOVERY_SECONDS


@dataclass(slots=True)
class FilledDisk:
    """The file that takes all room of a disk."""

    handle: int

    @classmethod
    @contextlib.contextmanager
    def create(cls, path: Path) -> Iterator[FilledDisk]:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            yield cls(handle)
        finally:
            os.close(handle)

    def fill(self) -> None:
        """Take whatever room there is, to the last block."""
        found = os.fstatvfs(self.handle)
        piece = max(found.f_bfree, 1) * found.f_frsize
        while piece >= found.f_frsize:
            try:
                os.posix_fallocate(self.handle, os.fstat(self.handle).st_size, piece)
            except OSError:
                piece //= 2


@contextlib.contextmanager
def limited_disk(folder: Path) -> Iterator[LimitedDisk | None]:
    """Mount a new disk, whose image lies in `folder`, for the block; None where this machine lets nobody do that."""
    disk = LimitedDisk.of(folder)
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        yield None
        return
    unmount(disk)
    try:
        disk.folder.mkdir(mode=0o755, exist_ok=True)
        with disk.image.open("wb") as image:
            image.truncate(DISK_BYTES)
        _run("mkfs.ext4", "-q", "-m", "0", str(disk.image))
        _run("mount", "-o", "loop", str(disk.image), str(disk.folder))
    except (OSError, subprocess.SubprocessError) as error:
        print(f"No disk of its own for the installation, so none is filled: {error}", flush=True)
        unmount(disk)
        yield None
        return
    try:
        yield disk
    finally:
        unmount(disk)


def unmount(disk: LimitedDisk) -> None:
    """Remove the disk, as what a killed soak left of it; whoever still works on it keeps what is open."""
    while os.path.ismount(disk.folder):
        _run("umount", "--lazy", str(disk.folder))
    if disk.folder.is_dir():
        disk.folder.rmdir()
    disk.image.unlink(missing_ok=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=MOUNT_SECONDS)
