"""Reads a backup as a stranger may have made it: nothing is unpacked, and no more is read than the manifest says."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backup.archive.backup_writer import MANIFEST_MEMBER, table_member
from backup.archive.manifest import TableEntry, read_manifest
from backup.archive.table_digest import TableDigest
from backup.backup_errors import BackupError, DamagedBackup

BLOCK_BYTES = 1024 * 1024
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
# What `zipfile` raises for members that were cut off, changed, encrypted, or packed in a way that we never pack. It
# seeks to wherever the file says, which the system may refuse.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError),
    *(EOFError, NotImplementedError, RuntimeError, ValueError),
)


class BackupReader:
    """An open backup: its manifest, and the rows of its tables."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Raises DamagedBackup where its members are not those that its manifest names, and BackupError."""
        self._zip = archive
        self.manifest = read_manifest(self._read_manifest())
        self._require_members()

    def blocks(self, table: TableEntry) -> Iterator[bytes]:
        """Yield the rows of a table, in blocks that may end within a row.

        Raises DamagedBackup where they are not what the manifest says: as soon as there are more of them, and at the
        end where there are fewer or others.
        """
        digest = TableDigest()
        try:
            with self._zip.open(table_member(table.name)) as member:
                while block := member.read(BLOCK_BYTES):
                    digest.add(block)
                    if digest.size > table.size:
                        raise DamagedBackup(f"The rows of {table.name} are more than the manifest says.")
                    yield block
        except UNREADABLE as error:
            raise DamagedBackup(f"The rows of {table.name} cannot be read: {error}.") from error
        if not table.is_of(digest):
            raise DamagedBackup(
                f"The rows of {table.name} are not those that were backed up: {digest.rows:,} of {table.rows:,} rows, "
                f"{digest.size:,} of {table.size:,} bytes, and their checksum is another."
            )

    def _read_manifest(self) -> bytes:
        try:
            with self._zip.open(MANIFEST_MEMBER) as member:
                text = member.read(MAX_MANIFEST_BYTES + 1)
        except KeyError as error:
            raise DamagedBackup("This is no backup of Signalbook: it has no manifest.") from error
        except UNREADABLE as error:
            raise DamagedBackup(f"The manifest of this backup cannot be read: {error}.") from error
        if len(text) > MAX_MANIFEST_BYTES:
            raise DamagedBackup("The manifest of this backup is too large to be one.")
        return text

    def _require_members(self) -> None:
        found = sorted(self._zip.namelist())
        expected = sorted([MANIFEST_MEMBER, *(table_member(table.name) for table in self.manifest.tables)])
        if found != expected:
            odd = sorted(set(found) ^ set(expected))[:5] or ["a member twice"]
            raise DamagedBackup(f"What lies in this file is not what its manifest says: {', '.join(map(repr, odd))}.")


@contextmanager
def open_backup(path: Path) -> Iterator[BackupReader]:
    """Yield a backup to be read.

    Raises DamagedBackup where the file is no whole backup, BackupError where it cannot be opened or a newer release
    wrote it.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UNREADABLE as error:
        raise DamagedBackup(f"{path} is no backup, or only the beginning of one: {error}.") from error
    with archive:
        yield BackupReader(archive)
