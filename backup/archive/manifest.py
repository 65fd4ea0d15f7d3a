"""The manifest of a backup: what lies in it, and what it takes to restore it."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from backup.archive.table_digest import TableDigest
from backup.backup_errors import BackupError, DamagedBackup

KIND = "signalbook backup"
FORMAT = 1
"""Raised by one whenever an older release could misread what a newer one wrote."""

Count = Annotated[int, Meta(ge=0)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
# A table's name is also the name of a member of the archive: no path, whatever file is opened.
Name = Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_]{0,62}\Z")]
# What commands print of a manifest: nothing that a terminal would obey.
Line = Annotated[str, Meta(pattern=r"^[ -~]{0,200}\Z")]


class TableEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One table: its columns in the order of the values, and what its rows must come to.

    `next_id` is what its sequence would give the next row, None where it has none.
    """

    name: Name
    columns: tuple[Name, ...]
    rows: Count
    size: Count
    sha256: Sha256
    next_id: Annotated[int, Meta(ge=1)] | None

    def is_of(self, digest: TableDigest) -> bool:
        """Tell whether these are the rows that were backed up."""
        return (self.rows, self.size, self.sha256) == (digest.rows, digest.size, digest.sha256)


class SensitiveRows(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows that harm somebody where the file gets into wrong hands."""

    table: Name
    rows: Count
    what: Line


class Migration(Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A migration that had run."""

    app: Line
    name: Line

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup says of itself. `created_at` is when its rows were as they are, in UTC; `seconds` how long it took.

    `key_fingerprint` tells whether an installation has the same SECRET_KEY (`backup.key_fingerprint`); `left_out` names
    the tables that are not in it, with why.
    """

    kind: str
    format: int
    id: Line
    created_at: datetime
    seconds: float
    signalbook: Line
    commit: Line
    postgresql: Line
    key_fingerprint: Sha256
    migrations: tuple[Migration, ...]
    tables: tuple[TableEntry, ...]
    left_out: dict[str, str]
    sensitive: tuple[SensitiveRows, ...]

    @property
    def rows(self) -> int:
        """How many rows it holds in all."""
        return sum(table.rows for table in self.tables)

    def as_json(self) -> bytes:
        """Return it as it is written, for people as well."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


class _Format(Struct):
    """What is read first, of a manifest of any format."""

    kind: str
    format: int


def read_manifest(text: bytes) -> Manifest:
    """Return the manifest that a text holds.

    Raises DamagedBackup where it is none, and BackupError where a newer release wrote it.
    """
    try:
        found = msgspec.json.decode(text, type=_Format)
        if found.kind != KIND:
            raise DamagedBackup("This is no backup of Signalbook.")
        if found.format > FORMAT:
            raise BackupError(
                f"This backup has format {found.format}, and this release reads formats up to {FORMAT}. "
                "Restore it with the release that made it, or a newer one."
            )
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedBackup(f"The manifest of this backup cannot be read: {error}.") from error
    names = [table.name for table in manifest.tables]
    if len(names) != len(set(names)):
        raise DamagedBackup("The manifest of this backup names a table twice.")
    return manifest
