"""Iglu self-describing schemas: `schemas/VENDOR/NAME/jsonschema/MODEL-REVISION-ADDITION`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from catalog.exchange.definition_assembly import assemble_definition, convert_part
from catalog.exchange.entry import (
    Entry,
    EntryOutcome,
    Json,
    Note,
    Problem,
    decode_with_escapes,
    json_hash,
    version_sort_key,
)
from catalog.exchange.importer import failed_entry, skipped_entry, skipped_file_entries
from catalog.exchange.json_schema.draft_keywords import Draft
from catalog.exchange.parsing.strict_json import UnreadableFile, parse_strict_json
from catalog.exchange.upload import Upload
from catalog.exchange.upload_schemas import UploadSchemas

_REGISTRY_PATH = re.compile(r"(?:.+/)?(?P<vendor>[^/]+)/(?P<name>[^/]+)/jsonschema/(?P<version>\d+-\d+-\d+)(?:\.json)?")
NO_IDENTITY = "no_identity"
_VERSION = re.compile(r"\d+-\d+-\d+")
_SELF_MEMBER = re.compile(rb'"self"\s*:')


class IgluImporter:
    """A schema becomes the event `vendor/name` of a track call, its SchemaVer the origin's version.

    Registries look schemas up by path, so where `self` says something else, the path decides and a note
    tells. A file outside of that layout is known by its `self` alone. Roots that are arrays are reported:
    no part of an event can be validated against them.
    """

    format = "iglu"
    label = "Iglu self-describing schemas (JSON)"

    def recognises(self, upload: Upload) -> bool:
        """Whether a path follows the registry's layout, or a JSON file describes itself."""
        return any(
            _REGISTRY_PATH.fullmatch(path) or (path.endswith(".json") and _SELF_MEMBER.search(raw))
            for path, raw in upload
        )

    def read(self, upload: Upload) -> Iterator[Entry]:
        """Every file as one entry; see `Importer`."""
        yield from skipped_file_entries(self.format, upload)
        schemas = UploadSchemas(upload)
        entries = [self._entry(path, raw, schemas) for path, raw in upload]
        for entry in entries:
            yield _as_fragment(entry) if entry.path in schemas.used_paths else entry

    def _entry(self, path: str, raw: bytes, schemas: UploadSchemas) -> Entry:
        if not _REGISTRY_PATH.fullmatch(path) and not path.endswith(".json"):
            return skipped_entry(self.format, path, raw, "not_a_schema", "Not a schema by its place or ending.")
        try:
            schema = parse_strict_json(raw)
        except UnreadableFile as error:
            return failed_entry(self.format, path, raw, error.code, str(error))
        if not isinstance(schema, dict):
            return failed_entry(self.format, path, raw, "not_a_schema", "Its JSON is no object, so it is no schema.")
        vendor, name, version, notes = _identity(path, schema)
        if not (vendor and name and version):
            detail = "Neither its path nor `self` says vendor, name and version (1-0-0)."
            return failed_entry(self.format, path, raw, NO_IDENTITY, detail)
        event_schema = {
            keyword: value for keyword, value in schema.items() if keyword not in ("self", "title", "description")
        }
        included: list[Json] = []

        def find_included(uri: str) -> Json:
            found = schemas.find(uri)
            if found is not None:
                included.append(found)
            return found

        definition = assemble_definition(
            name=f"{vendor}/{name}",
            call="track",
            schema=convert_part(event_schema, default=Draft.DRAFT_04, external=find_included, uri=path),
            title=_as_string(schema.get("title")),
            description=_as_string(schema.get("description")),
        )
        return Entry(
            self.format,
            path,
            EntryOutcome.IMPORTED if definition.document is not None else EntryOutcome.FAILED,
            decode_with_escapes(raw),
            json_hash({"schema": schema, "included": included} if included else schema),
            name=f"{vendor}/{name}",
            origin_version=version,
            sort_key=version_sort_key(version),
            document=definition.document,
            problems=definition.problems,
            notes=(*notes, *definition.notes),
        )


def _as_fragment(entry: Entry) -> Entry:
    """Return the entry of a file that others refer to: without an identity of its own it is a part of them."""
    if not any(problem.code == NO_IDENTITY for problem in entry.problems):
        return entry
    problems = (Problem("", "fragment", "It is no event of its own; schemas of the upload refer to it."),)
    return replace(entry, outcome=EntryOutcome.FRAGMENT, problems=problems)


def _identity(path: str, schema: dict[str, Any]) -> tuple[str, str, str, list[Note]]:
    """Vendor, name and version of a file, and a note where its path and `self` disagree."""
    self_value = schema.get("self")
    self_member = self_value if isinstance(self_value, dict) else {}
    self_identity = [_as_string(self_member.get(key)) for key in ("vendor", "name", "version")]
    if not _VERSION.fullmatch(self_identity[2]):
        self_identity[2] = ""
    found = _REGISTRY_PATH.fullmatch(path)
    if not found:
        return self_identity[0], self_identity[1], self_identity[2], []
    path_identity = [found["vendor"], found["name"], found["version"]]
    notes = []
    if not self_member:
        notes.append(Note("no_self", "", "It does not describe itself; vendor, name and version are its path's."))
    elif self_identity != path_identity:
        text = (
            f"`self` says {'/'.join(self_identity)[:300]}, the path {'/'.join(path_identity)[:300]}; the path decides."
        )
        notes.append(Note("self_disagrees", "/self", text))
    if self_member and self_member.get("format") != "jsonschema":
        notes.append(Note("self_disagrees", "/self/format", "The format is not jsonschema; it is read as that."))
    return path_identity[0], path_identity[1], path_identity[2], notes


def _as_string(value: Json) -> str:
    return value if isinstance(value, str) else ""
