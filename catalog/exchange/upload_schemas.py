"""The other schemas of an upload, found by what a reference names: a path beside it, an identifier, an address."""

from collections.abc import Callable
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from catalog.exchange.entry import Json
from catalog.exchange.parsing.strict_json import UnreadableFile, parse_strict_json
from catalog.exchange.parsing.strict_yaml import parse_strict_yaml
from catalog.exchange.upload import Upload

_PARSERS: dict[str, Callable[[bytes], Json]] = {
    ".json": parse_strict_json,
    ".yaml": parse_strict_yaml,
    ".yml": parse_strict_yaml,
    "": parse_strict_json,
}
"""How files are read by their ending. Registries of Snowplow name JSON files without one: `1-0-0` ends in nothing."""


class UploadSchemas:
    """Every file of an upload that may be a schema; each is read when it is first asked for.

    `used_paths` are the files that were found so far.
    """

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._parsed: dict[str, Json] = {}
        self.used_paths: set[str] = set()

    def find(self, uri: str) -> Json:
        """Return the schema that a URI names: the file of that path in the upload, or of that `$id`, or the one file
        whose path the address ends with, or that ends with the address's path. None where there is none, several, or
        a damaged one. Endings such as `.json` may be missing.
        """
        path = self._path_of(uri)
        schema = None if path is None else self._parse(path)
        if path is not None and schema is not None:
            self.used_paths.add(path)
        return schema

    def _path_of(self, uri: str) -> str | None:
        try:
            wanted = unquote(urlsplit(uri).path if "://" in uri else uri.removeprefix("iglu:")).strip("/")
        except ValueError:  # no address
            return None
        if not wanted:
            return None
        exact = self._paths_by_stem.get(_stem(wanted), [])
        if wanted in exact:
            return wanted
        if len(exact) == 1:
            return exact[0]
        if uri.rstrip("#/") in self._paths_by_identifier:
            return self._paths_by_identifier[uri.rstrip("#/")]
        ending = _stem(wanted)
        matching = [
            path
            for stem, paths in self._paths_by_stem.items()
            if stem.endswith(f"/{ending}") or ("://" in uri and ending.endswith(f"/{stem}"))
            for path in paths
        ]
        return matching[0] if len(matching) == 1 else None

    @cached_property
    def _paths_by_stem(self) -> dict[str, list[str]]:
        stems: dict[str, list[str]] = {}
        for path, _ in self._upload:
            if _ending(path) in _PARSERS:
                stems.setdefault(_stem(path), []).append(path)
        return stems

    @cached_property
    def _paths_by_identifier(self) -> dict[str, str]:
        identifiers: dict[str, str] = {}
        for paths in self._paths_by_stem.values():
            for path in paths:
                schema = self._parse(path)
                for keyword in ("$id", "id"):
                    identifier = schema.get(keyword) if isinstance(schema, dict) else None
                    if isinstance(identifier, str) and not identifier.startswith("#"):
                        identifiers.setdefault(identifier.rstrip("#/"), path)
        return identifiers

    def _parse(self, path: str) -> Json:
        if path not in self._parsed:
            try:
                self._parsed[path] = _PARSERS[_ending(path)](self._upload.files[path])
            except UnreadableFile:
                self._parsed[path] = None
        return self._parsed[path]


def _ending(path: str) -> str:
    ending = PurePosixPath(path).suffix.lower()
    return ending if ending in (".json", ".yaml", ".yml") or "." in PurePosixPath(path).name else ""


def _stem(path: str) -> str:
    ending = _ending(path)
    return path[: -len(ending)] if ending and ending in _PARSERS else path
