"""Wikimedia event schemas: a folder per title, one YAML file per version."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

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
from catalog.exchange.parsing.strict_json import UnreadableFile
from catalog.exchange.parsing.strict_yaml import parse_strict_yaml
from catalog.exchange.upload import Upload
from catalog.exchange.upload_schemas import UploadSchemas

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_VERSION_FILE = re.compile(r"(?:(?P<title>.+)/)?(?P<version>\d+\.\d+\.\d+)\.ya?ml")
_CURRENT_FILE = re.compile(r"(?:.+/)?current\.ya?ml")
_YAML_SUFFIXES = (".yaml", ".yml")


class WikimediaImporter:
    """Titles become names of track calls; `X.Y.Z.yaml` files become versions in that order.

    `current.yaml` is the working copy and no version; what lies under `fragment/` are parts of events. The
    file's `title` names the event and its place in the folders the version; where they and `$id` disagree, a
    note says so. References are followed inside the upload alone.
    """

    format = "wikimedia"
    label = "Wikimedia event schemas (YAML)"

    def recognises(self, upload: Upload) -> bool:
        """Whether a file has a version for its name and is YAML."""
        return any(_VERSION_FILE.fullmatch(path) or _CURRENT_FILE.fullmatch(path) for path in upload.files)

    def read(self, upload: Upload) -> Iterator[Entry]:
        """Every file as one entry; see `Importer`."""
        schema_lookup = _SchemaLookup(upload)
        yield from skipped_file_entries(self.format, upload)
        for path, raw in upload:
            yield self._entry(path, raw, schema_lookup)

    def _entry(self, path: str, raw: bytes, schema_lookup: "_SchemaLookup") -> Entry:
        if not path.endswith(_YAML_SUFFIXES):
            return skipped_entry(self.format, path, raw, "not_a_schema", "Not a YAML file.")
        try:
            schema = parse_strict_yaml(raw)
        except UnreadableFile as error:
            return failed_entry(self.format, path, raw, error.code, str(error))
        if not isinstance(schema, dict):
            return failed_entry(self.format, path, raw, "not_a_schema", "Its YAML is no mapping, so it is no schema.")
        title, version, notes = _identity(path, schema)
        if title.startswith("fragment/"):
            return self._entry_without_definition(
                path, raw, schema, EntryOutcome.FRAGMENT, title, "fragment", "A part of other schemas."
            )
        if _CURRENT_FILE.fullmatch(path):
            detail = "The working copy of the schema, not a version."
            return self._entry_without_definition(
                path, raw, schema, EntryOutcome.SKIPPED, title, "working_copy", detail
            )
        if not version:
            detail = "Neither its path nor its $id names a version such as 1.0.0."
            return self._entry_without_definition(path, raw, schema, EntryOutcome.FAILED, title, "no_version", detail)
        return self._version_entry(path, raw, schema, title, version, notes, schema_lookup)

    def _version_entry(
        self,
        path: str,
        raw: bytes,
        schema: dict[str, Any],
        title: str,
        version: str,
        notes: list[Note],
        schema_lookup: "_SchemaLookup",
    ) -> Entry:
        examples = schema.get("examples")
        annotations = ("title", "description", "examples")
        part = convert_part(
            {keyword: value for keyword, value in schema.items() if keyword not in annotations},
            default=Draft.DRAFT_07,
            external=schema_lookup.find,
            uri=f"/{title}/{version}",
        )
        definition = assemble_definition(
            name=title,
            call="track",
            schema=part,
            description=_as_string(schema.get("description")).strip(),
            examples=examples if isinstance(examples, list) else (),
        )
        return Entry(
            self.format,
            path,
            EntryOutcome.IMPORTED if definition.document is not None else EntryOutcome.FAILED,
            decode_with_escapes(raw),
            json_hash(schema),
            name=title,
            origin_version=version,
            sort_key=version_sort_key(version),
            document=definition.document,
            problems=definition.problems,
            notes=(*notes, *definition.notes),
        )

    def _entry_without_definition(
        self, path: str, raw: bytes, schema: Json, outcome: EntryOutcome, title: str, code: str, detail: str
    ) -> Entry:
        problems = (Problem("", code, detail),)
        return Entry(
            self.format, path, outcome, decode_with_escapes(raw), json_hash(schema), name=title, problems=problems
        )


class _SchemaLookup:
    """Schemas of the upload by the path that a `$ref` names, whatever folder the upload begins in."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._others = UploadSchemas(upload)
        self._paths: dict[str, str] = {}
        for path in upload.files:
            for ending in _YAML_SUFFIXES:
                if path.endswith(ending):
                    self._paths.setdefault(_path_in_repository(path.removesuffix(ending)), path)

    def find(self, uri: str) -> Json:
        """The schema that lies at `/title/version` in the upload, or that a reference names in another way.

        None where there is none or it is damaged.
        """
        path = self._paths.get(unquote(uri).strip("/").removesuffix(".yaml"))
        if path is None or "://" in uri:
            return self._others.find(uri)
        try:
            return parse_strict_yaml(self._upload.files[path])
        except UnreadableFile:
            return None


def _path_in_repository(path: str) -> str:
    """A path from below the `jsonschema` folder that a repository keeps its schemas in."""
    return path.rpartition("jsonschema/")[2]


def _identity(path: str, schema: dict[str, Any]) -> tuple[str, str, list[Note]]:
    """Title and version of a file, and a note for each disagreement between its path, title and `$id`."""
    found = _VERSION_FILE.fullmatch(_path_in_repository(path))
    path_title = _path_in_repository(path).rpartition("/")[0]
    path_version = found["version"] if found else ""
    identifier = _as_string(schema.get("$id")).strip("/")
    id_title, _, id_version = identifier.rpartition("/")
    if not _VERSION.fullmatch(id_version):
        id_title, id_version = identifier, ""
    title = _as_string(schema.get("title")).strip() or path_title or id_title
    version = path_version or id_version
    notes = []
    if path_title and path_title != title:
        notes.append(Note("path_disagrees", "/title", f"The title is {title!r}, the folder {path_title!r}."))
    if identifier and (id_title, id_version or version) != (title, version):
        what = f"The $id says {identifier[:200]!r}; imported as {title!r}, version {version or 'unknown'}."
        notes.append(Note("id_disagrees", "/$id", what))
    return title, version, notes


def _as_string(value: Any) -> str:
    return value if isinstance(value, str) else ""
