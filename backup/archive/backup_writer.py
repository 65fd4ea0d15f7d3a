"""Writes the members of a backup, one after the other, without holding any in memory."""

import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Self

from backup.archive.manifest import Manifest
from backup.archive.table_digest import TableDigest

MANIFEST_MEMBER = "manifest.json"
COMPRESSION_LEVEL = 6


def table_member(table: str) -> str:
    """Return the name of the member that holds a table's rows."""
    return f"tables/{table}.copy"


class TableWriter:
    """Takes the rows of one table. `digest` sums up what it took."""

    def __init__(self, member: IO[bytes]) -> None:
        self._member = member
        self.digest = TableDigest()

    def write(self, block: bytes) -> None:
        """Append a block of whole rows, in the text format of COPY."""
        self.digest.add(block)
        self._member.write(block)


class BackupWriter:
    """A backup that is being written into a file. The manifest comes last: it holds the hashes of all before it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._zip.close()

    @contextmanager
    def new_table(self, table: str) -> Iterator[TableWriter]:
        """Yield what takes the rows of a table. One at a time."""
        with self._zip.open(self._member(table_member(table)), "w", force_zip64=True) as member:
            yield TableWriter(member)

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest, after all tables."""
        self._zip.writestr(self._member(MANIFEST_MEMBER), manifest.as_json())

    def _member(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, time.gmtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16  # for whoever unpacks it by hand
        return info
