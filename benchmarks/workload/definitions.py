"""300 real definitions, from the dictionaries in the test data."""

from pathlib import Path
from typing import Any

from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload

DEFINITIONS = 300

_DATA = Path(__file__).parents[2] / "tests" / "data"
_PLACES = (("segment", "segment-spec-tracking-plan"), ("wikimedia", "wikimedia"), ("iglu", "iglu-central"))

Document = dict[str, Any]


def real_definitions(count: int = DEFINITIONS) -> tuple[Document, ...]:
    """Return every n-th of the definitions that the importers read, each with a name of its own."""
    found: list[Document] = []
    for format_, place in _PLACES:
        for entry in IMPORTERS[format_].read(Upload.from_path(_DATA / place)):
            document = entry.document
            if document is None or document.get("call", "track") != "track" or not document["schema"].get("properties"):
                continue
            found.append(
                {"name": f"{entry.name} {entry.origin_version}".strip(), "call": "track", "schema": document["schema"]}
            )
    distinct = {document["name"]: document for document in found}
    return tuple(list(distinct.values())[:: max(len(distinct) // count, 1)][:count])


def schemas_by_name(definitions: tuple[Document, ...]) -> dict[str, dict[str, Any]]:
    """Return the schema of the properties by the event's name, without what names its draft, for other checkers."""
    return {
        each["name"]: {keyword: value for keyword, value in each["schema"].items() if keyword not in ("$id", "$schema")}
        for each in definitions
    }
