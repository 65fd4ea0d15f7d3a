"""Iglu self-describing schemas: `schemas/VENDOR/NAME/jsonschema/MODEL-REVISION-ADDITION`."""

import re
from collections.abc import Iterator
from typing import Any

from catalog.exchange.definition_assembly import assemble, read_part
from catalog.exchange.entry import Entry, Json, Note, Outcome, as_text, content_hash, order_of
from catalog.exchange.importer import failed, left_out, skipped
from catalog.exchange.json_schema.draft_keywords import Draft
from catalog.exchange.parsing.strict_json import Unreadable, read_json
from catalog.exchange.upload import Upload

_PLACE = re.compile(r"(?:.+/)?(?P<vendor>[^/]+)/(?P<name>[^/]+)/jsonschema/(?P<version>\d+-\d+-\d+)(?:\.json)?")
_VERSION = re.compile(r"\d+-\d+-\d+")
_SELF = re.compile(rb'"self"\s*:')


class IgluImporter:
    """A schema becomes the event `vendor/name` of a track call, its SchemaVer the origin's version.

    Registries look schemas up by path, so where `self` says something else, the path decides and a note
    tells. A file outside of that layout is known by its `self` alone. Roots that are arrays are reported:
    nothing of an event can be held against them.
    """

    format = "iglu"
    label = "Iglu self-describing schemas (JSON)"

    def recognises(self, upload: Upload) -> bool:
        """Whether a path follows the registry's layout, or a JSON file describes itself."""
        return any(_PLACE.fullmatch(path) or (path.endswith(".json") and _SELF.search(raw)) for path, raw in upload)

    def read(self, upload: Upload) -> Iterator[Entry]:
        """Every file as one entry; see `Importer`."""
        yield from left_out(self.format, upload)
        for path, raw in upload:
            yield self._entry(path, raw)

    def _entry(self, path: str, raw: bytes) -> Entry:
        if not _PLACE.fullmatch(path) and not path.endswith(".json"):
            return skipped(self.format, path, raw, "not_a_schema", "Not a schema by its place or ending.")
        try:
            schema = read_json(raw)
        except Unreadable as error:
            return failed(self.format, path, raw, error.code, str(error))
        if not isinstance(schema, dict):
            return failed(self.format, path, raw, "not_a_schema", "Its JSON is no object, so it is no schema.")
        vendor, name, version, notes = _identity(path, schema)
        if not (vendor and name and version):
            detail = "Neither its path nor `self` says vendor, name and version (1-0-0)."
            return failed(self.format, path, raw, "no_identity", detail)
        kept = {keyword: value for keyword, value in schema.items() if keyword not in ("self", "title", "description")}
        definition = assemble(
            name=f"{vendor}/{name}",
            call="track",
            schema=read_part(kept, default=Draft.DRAFT_04),
            title=_text(schema.get("title")),
            description=_text(schema.get("description")),
        )
        return Entry(
            self.format,
            path,
            Outcome.IMPORTED if definition.document is not None else Outcome.FAILED,
            as_text(raw),
            content_hash(schema),
            name=f"{vendor}/{name}",
            origin_version=version,
            order=order_of(version),
            document=definition.document,
            problems=definition.problems,
            notes=(*notes, *definition.notes),
        )


def _identity(path: str, schema: dict[str, Any]) -> tuple[str, str, str, list[Note]]:
    """Vendor, name and version of a file, and a note where its path and `self` disagree."""
    described = schema.get("self")
    own = described if isinstance(described, dict) else {}
    said = [_text(own.get(key)) for key in ("vendor", "name", "version")]
    if not _VERSION.fullmatch(said[2]):
        said[2] = ""
    found = _PLACE.fullmatch(path)
    if not found:
        return said[0], said[1], said[2], []
    placed = [found["vendor"], found["name"], found["version"]]
    notes = []
    if not own:
        notes.append(Note("no_self", "", "It does not describe itself; vendor, name and version are its path's."))
    elif said != placed:
        what = f"`self` says {'/'.join(said)[:300]}, the path {'/'.join(placed)[:300]}; the path decides."
        notes.append(Note("self_disagrees", "/self", what))
    if own and own.get("format") != "jsonschema":
        notes.append(Note("self_disagrees", "/self/format", "The format is not jsonschema; it is read as that."))
    return placed[0], placed[1], placed[2], notes


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
