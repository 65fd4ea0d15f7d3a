"""The one interface that every format's importer offers."""

from collections.abc import Iterator
from typing import Protocol

from catalog.exchange.entry import Entry, EntryOutcome, Problem, bytes_hash, decode_with_escapes
from catalog.exchange.upload import Upload


class Importer(Protocol):
    """Reads one format. Data in, data out: no network, no database, nothing written."""

    format: str
    label: str

    def recognises(self, upload: Upload) -> bool:
        """Whether some file of the upload looks like this format; cheap, and never raises."""

    def read(self, upload: Upload) -> Iterator[Entry]:
        """Every file or rule of the upload as at least one entry, in a stable order; never raises."""


def skipped_file_entries(format: str, upload: Upload) -> Iterator[Entry]:
    """The entries for what the upload itself left out, such as links."""
    for path, reason in upload.skipped_files:
        yield Entry(
            format,
            path,
            EntryOutcome.SKIPPED,
            "",
            bytes_hash(path.encode()),
            problems=(Problem("", "left_out", reason),),
        )


def skipped_entry(format: str, path: str, raw: bytes, code: str, detail: str) -> Entry:
    """The entry of a file that holds nothing to import."""
    return Entry(
        format,
        path,
        EntryOutcome.SKIPPED,
        decode_with_escapes(raw),
        bytes_hash(raw),
        problems=(Problem("", code, detail),),
    )


def failed_entry(format: str, path: str, raw: bytes, code: str, detail: str) -> Entry:
    """The entry of a file that cannot be read."""
    return Entry(
        format,
        path,
        EntryOutcome.FAILED,
        decode_with_escapes(raw),
        bytes_hash(raw),
        problems=(Problem("", code, detail),),
    )
