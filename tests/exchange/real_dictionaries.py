"""The real dictionaries that the tests import, read once."""

from functools import cache
from pathlib import Path

from catalog.exchange.entry import Document, Entry
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload

DATA = Path(__file__).parent.parent / "data"
PUBLIC_PLAN = "segment-typewriter-plan/plan.public-api.json"
LEGACY_PLAN = "segment-typewriter-plan/plan.config-api-v1.json"
SPEC_PLAN = "segment-spec-tracking-plan/tracking-plan.public-api.json"


@cache
def read_upload(place: str) -> Upload:
    """A folder or file of tests/data."""
    return Upload.from_path(DATA / place)


@cache
def imported_entries(format: str, place: str) -> tuple[Entry, ...]:
    """What the importer of a format answers for it."""
    return tuple(IMPORTERS[format].read(read_upload(place)))


def import_one_file(format: str, path: str, content: bytes) -> list[Entry]:
    """What an importer answers for an upload of one file."""
    return list(IMPORTERS[format].read(Upload({path: content})))


def document_of(entry: Entry) -> Document:
    """The definition document of an imported entry."""
    assert entry.document is not None, entry.problems
    return entry.document


def problem_and_note_codes(entry: Entry) -> list[str]:
    """The codes of an entry's problems and notes."""
    return [problem.code for problem in entry.problems] + [note.code for note in entry.notes]
