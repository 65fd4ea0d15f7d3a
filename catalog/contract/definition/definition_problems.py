"""What is wrong with a definition document, all of it, before anything is held against it."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs
from msgspec import Struct

from catalog.contract.definition.definition_document import CALLS, KINDS, TRAIT_CALLS, has_property
from catalog.contract.json.pointers import pointer
from catalog.contract.json.text import cut, escape_text, json_text
from catalog.contract.name_normalization import STORED_NAME_LENGTH, clean
from catalog.contract.schema.complexity_limit import overweight
from catalog.contract.schema.subschemas import UNSUPPORTED, Schema, Steps, everywhere, resolve
from catalog.contract.schema.validator import LINEAR_TIME, build

MAX_DEPTH = 100
"""How deep a document may nest."""

MAX_VALUES = 100_000
"""How many values a document may hold, at any depth."""

MAX_CHARACTERS = 1_000_000
"""How much text a document may hold."""

MAX_PROBLEMS = 200
"""How many problems are listed."""

_SCHEMA_MEMBERS = ("schema", "context", "traits")
_TEXT_MEMBERS = ("title", "description", "trigger", "unit", "computed")


class Problem(Struct, frozen=True, order=True):
    """One reason why a document is no definition.

    `path` is a JSON pointer into the document, `code` a stable word, `detail` a sentence for people.
    """

    path: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        """Return the problem as the API shows it."""
        return {"code": self.code, "path": self.path, "detail": self.detail}


class InvalidDefinition(ValueError):
    """A document that cannot be held against anything; `problems` lists why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path or '/'}: {problem.detail}" for problem in problems[:3]))
        self.problems = problems


def problems(document: Any) -> list[Problem]:
    """Return every problem of a document, sorted by place; an empty list means that it compiles.

    Takes any value and never raises. Nothing is fetched: a reference that leads out of its own schema is
    itself a problem.
    """
    if not isinstance(document, dict):
        return [Problem("", "not_an_object", "A definition is a JSON object.")]
    unfit = _unfit(document)
    if unfit is not None:
        return [unfit]
    found = [*_of_head(document), *_of_schemas(document)]
    found += _of_sources(document, is_readable=not found)
    return sorted(set(found))[:MAX_PROBLEMS]


def _unfit(document: dict[Any, Any]) -> Problem | None:
    """Return why a document cannot even be looked through: not JSON, or past the bounds. Uses no recursion."""
    waiting: list[tuple[Steps, Any]] = [((), document)]
    values = characters = 0
    while waiting:
        steps, value = waiting.pop()
        values += 1
        if values > MAX_VALUES or characters > MAX_CHARACTERS:
            return Problem("", "too_large", f"A definition holds at most {MAX_VALUES:,} values and 1 MB of text.")
        if len(steps) > MAX_DEPTH:
            return Problem(pointer(steps[:3]), "too_deep", f"A definition nests at most {MAX_DEPTH} levels deep.")
        if isinstance(value, dict):
            for key, inner in value.items():
                if not isinstance(key, str):
                    return Problem(pointer(steps), "not_json", "Keys are texts.")
                characters += len(key)
                if escape_text(key) != key:
                    return Problem(pointer(steps), "not_storable", "Keys hold no NUL and no lone surrogate.")
                waiting.append(((*steps, key), inner))
        elif isinstance(value, list):
            waiting += [((*steps, at), inner) for at, inner in enumerate(value)]
        elif isinstance(value, str):
            characters += len(value)
            if escape_text(value) != value:
                return Problem(pointer(steps), "not_storable", "Texts hold no NUL and no lone surrogate.")
        elif not _is_plain(value):
            return Problem(pointer(steps), "not_json", f"{json_text(value)} is not JSON that can be stored.")
    return None


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= 1024
    return value is None


def _of_head(document: dict[str, Any]) -> Iterator[Problem]:
    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        yield Problem("/name", "missing_name", "A definition needs a name.")
    elif clean(name) != name and len(name) > STORED_NAME_LENGTH:
        yield Problem("/name", "name_too_long", f"A name has at most {STORED_NAME_LENGTH} characters.")
    if document.get("call", "track") not in CALLS:
        yield Problem("/call", "unknown_call", f"The call is one of {', '.join(CALLS)}.")
    if document.get("kind", "standard") not in KINDS:
        yield Problem("/kind", "unknown_kind", f"The kind is one of {', '.join(KINDS)}.")
    for member in _TEXT_MEMBERS:
        if not isinstance(document.get(member, ""), str | None):
            yield Problem(f"/{member}", "not_a_text", f"The {member} is a text.")
    if not isinstance(document.get("examples", []), list | None):
        yield Problem("/examples", "not_a_list", "The examples are a list.")


def _of_schemas(document: dict[str, Any]) -> Iterator[Problem]:
    needed = "traits" if document.get("call") in TRAIT_CALLS and document.get("traits") is not None else "schema"
    if document.get(needed) is None:
        yield Problem(f"/{needed}", "missing_schema", "A definition needs a JSON Schema of its properties.")
    for member in _SCHEMA_MEMBERS:
        schema = document.get(member)
        if schema is None:
            continue
        if not isinstance(schema, dict):
            yield Problem(f"/{member}", "schema_not_object", "The schema is a JSON object.")
            continue
        found = list(_of_schema(schema, f"/{member}"))
        yield from found
        if found:
            continue
        if reason := overweight(schema):
            yield Problem(f"/{member}", "too_heavy", reason)
        elif reason := _refused(schema):
            yield Problem(f"/{member}", "invalid_schema", reason)


def _of_schema(schema: dict[str, Any], at: str) -> Iterator[Problem]:
    types = schema.get("type", "object")
    if types != "object" and "object" not in (types if isinstance(types, list) else []):
        yield Problem(f"{at}/type", "root_not_object", "The root of the schema describes an object.")
    for error in _meta_schema().iter_errors(schema):
        yield Problem(pointer(error.instance_path, below=at), "invalid_schema", cut(error.message))
    for steps, inner in everywhere(schema):
        if isinstance(inner, dict):
            yield from _of_references(schema, inner, pointer(steps, below=at), is_root=not steps)
            yield from _of_patterns(inner, pointer(steps, below=at))
            yield from _of_names(inner, pointer(steps, below=at))


def _of_references(root: Schema, schema: dict[str, Any], at: str, *, is_root: bool) -> Iterator[Problem]:
    for keyword in sorted(UNSUPPORTED & schema.keys()):
        if not (is_root and keyword == "$id"):
            yield Problem(pointer((keyword,), below=at), "unsupported_keyword", f"{keyword} cannot be used here.")
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return
    place = pointer(("$ref",), below=at)
    if not reference.startswith("#"):
        detail = f"{json_text(reference)} leads out of the schema. Nothing is ever fetched: copy it into $defs."
        yield Problem(place, "remote_reference", detail)
    elif resolve(root, reference) is None:
        yield Problem(place, "unresolved_reference", f"{json_text(reference)} names nothing in this schema.")


def _of_names(schema: dict[str, Any], at: str) -> Iterator[Problem]:
    members = schema.get("properties")
    if isinstance(members, dict) and "" in members:
        yield Problem(pointer(("properties", ""), below=at), "unnamed_property", "A property needs a name.")


def _of_patterns(schema: dict[str, Any], at: str) -> Iterator[Problem]:
    patterns: list[tuple[Steps, Any]] = [(("pattern",), schema.get("pattern"))]
    members = schema.get("patternProperties")
    if isinstance(members, dict):
        patterns += [(("patternProperties", pattern), pattern) for pattern in members]
    for steps, pattern in patterns:
        if isinstance(pattern, str) and (problem := _of_pattern(pattern)):
            yield Problem(pointer(steps, below=at), *problem)


@lru_cache(maxsize=4096)
def _of_pattern(pattern: str) -> tuple[str, str] | None:
    if _compiles(pattern, LINEAR_TIME):
        return None
    if _compiles(pattern, jsonschema_rs.FancyRegexOptions()):
        detail = f"{json_text(pattern)} looks around or back, which can take for ever. Write it without."
        return "unsupported_pattern", detail
    return "invalid_pattern", f"{json_text(pattern)} is not a regular expression, or too large a one."


def _compiles(pattern: str, options: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options, offline=True)
    except ValueError:
        return False
    return True


def _refused(schema: dict[str, Any]) -> str:
    """Return why the judge does not take a schema in which nothing else was found, or an empty text."""
    try:
        build(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return cut(str(error).partition("\n")[0])
    return ""


def _of_sources(document: dict[str, Any], *, is_readable: bool) -> Iterator[Problem]:
    """Check what differs by source; its paths are looked up only where the schemas can be read."""
    per_source = document.get("per_source")
    if per_source is None:
        return
    if not isinstance(per_source, dict):
        yield Problem("/per_source", "not_an_object", "What differs by source is an object keyed by source.")
        return
    for source, entry in per_source.items():
        at = pointer((source,), below="/per_source")
        if not isinstance(entry, dict):
            yield Problem(at, "not_an_object", "The entry of a source is an object.")
            continue
        for keyword, paths in entry.items():
            place = pointer((keyword,), below=at)
            yield from _of_source_list(document if is_readable else None, keyword, paths, place)


def _of_source_list(document: dict[str, Any] | None, keyword: str, paths: Any, at: str) -> Iterator[Problem]:
    if keyword not in ("required", "absent"):
        yield Problem(at, "unknown_member", "A source's entry holds `required` and `absent`.")
        return
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        yield Problem(at, "not_a_list", "This is a list of names of properties.")
        return
    for number, path in enumerate(paths):
        if document is not None and not has_property(document, path):
            detail = f"{json_text(path)} is no property that the definition spells out."
            yield Problem(f"{at}/{number}", "unknown_property", detail)


@lru_cache(maxsize=1)
def _meta_schema() -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"}, offline=True)
