"""Everything that is wrong with a definition document, found before it is compiled."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs
from msgspec import Struct

from catalog.contract.definition.definition_document import (
    CALLS,
    KINDS,
    SCHEMA_MEMBERS,
    TRAIT_CALLS,
    has_property,
    property_tokens,
)
from catalog.contract.definition.schema_advice import schema_error_text
from catalog.contract.json.pointers import format_pointer
from catalog.contract.json.text import escape_text, json_text, truncate_text
from catalog.contract.name_normalization import STORED_NAME_LENGTH, clean_name
from catalog.contract.schema.complexity_limit import complexity_problem
from catalog.contract.schema.subschemas import UNSUPPORTED_KEYWORDS, Schema, Tokens, resolve_reference, walk_schema
from catalog.contract.schema.validator import LINEAR_TIME_REGEX, build_validator

MAX_DEPTH = 100
"""How deep a document may nest."""

MAX_VALUES = 100_000
"""How many values a document may hold, at any depth."""

MAX_TEXT_CHARACTERS = 1_000_000
"""How much text a document may hold."""

MAX_PROBLEMS = 200
"""How many problems are listed."""

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
    """A document that cannot be compiled; `problems` lists why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path or '/'}: {problem.detail}" for problem in problems[:3]))
        self.problems = problems


def find_problems(document: Any) -> list[Problem]:
    """Return every reason not to save a document, sorted by place; an empty list means that it compiles, too.

    Takes any value and never raises. Nothing is fetched: a reference that leads out of its own schema is
    itself a problem.
    """
    collected = find_compile_problems(document)
    if not collected:
        collected = sorted(_contradiction_problems(document))[:MAX_PROBLEMS]
    return collected


def find_compile_problems(document: Any) -> list[Problem]:
    """Return every reason why a document does not compile, sorted by place.

    These are fewer than `find_problems` returns: a version that was saved before a problem was looked for still
    compiles.
    """
    if not isinstance(document, dict):
        return [Problem("", "not_an_object", "A definition is a JSON object.")]
    structural_problem = _structural_problem(document)
    if structural_problem is not None:
        return [structural_problem]
    collected = [*_metadata_problems(document), *_all_schema_problems(document)]
    collected += _per_source_problems(document, has_valid_schemas=not collected)
    return sorted(set(collected))[:MAX_PROBLEMS]


def _structural_problem(document: dict[Any, Any]) -> Problem | None:
    """Return why a document cannot be examined further: not JSON, or past the limits. Uses no recursion."""
    pending: list[tuple[Tokens, Any]] = [((), document)]
    value_count = character_count = 0
    while pending:
        tokens, value = pending.pop()
        value_count += 1
        if value_count > MAX_VALUES or character_count > MAX_TEXT_CHARACTERS:
            return Problem("", "too_large", f"A definition holds at most {MAX_VALUES:,} values and 1 MB of text.")
        if len(tokens) > MAX_DEPTH:
            return Problem(
                format_pointer(tokens[:3]), "too_deep", f"A definition nests at most {MAX_DEPTH} levels deep."
            )
        if isinstance(value, dict):
            for key, child in value.items():
                if not isinstance(key, str):
                    return Problem(format_pointer(tokens), "not_json", "Keys are texts.")
                character_count += len(key)
                if escape_text(key) != key:
                    return Problem(format_pointer(tokens), "not_storable", "Keys hold no NUL and no lone surrogate.")
                pending.append(((*tokens, key), child))
        elif isinstance(value, list):
            pending += [((*tokens, index), child) for index, child in enumerate(value)]
        elif isinstance(value, str):
            character_count += len(value)
            if escape_text(value) != value:
                return Problem(format_pointer(tokens), "not_storable", "Texts hold no NUL and no lone surrogate.")
        elif not _is_storable_scalar(value):
            return Problem(format_pointer(tokens), "not_json", f"{json_text(value)} is not JSON that can be stored.")
    return None


def _is_storable_scalar(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= 1024
    return value is None


def _metadata_problems(document: dict[str, Any]) -> Iterator[Problem]:
    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        yield Problem("/name", "missing_name", "A definition needs a name.")
    elif clean_name(name) != name and len(name) > STORED_NAME_LENGTH:
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


def _all_schema_problems(document: dict[str, Any]) -> Iterator[Problem]:
    required_member = (
        "traits" if document.get("call") in TRAIT_CALLS and document.get("traits") is not None else "schema"
    )
    if document.get(required_member) is None:
        yield Problem(f"/{required_member}", "missing_schema", "A definition needs a JSON Schema of its properties.")
    for member in SCHEMA_MEMBERS:
        schema = document.get(member)
        if schema is None:
            continue
        if not isinstance(schema, dict):
            yield Problem(f"/{member}", "schema_not_object", "The schema is a JSON object.")
            continue
        schema_problems = list(_schema_problems(schema, f"/{member}"))
        yield from schema_problems
        if schema_problems:
            continue
        if reason := complexity_problem(schema):
            yield Problem(f"/{member}", "too_heavy", reason)
        elif reason := _validator_rejection(schema):
            yield Problem(f"/{member}", "invalid_schema", reason)


def _schema_problems(schema: dict[str, Any], prefix: str) -> Iterator[Problem]:
    types = schema.get("type", "object")
    if types != "object" and "object" not in (types if isinstance(types, list) else []):
        yield Problem(f"{prefix}/type", "root_not_object", "The root of the schema describes an object.")
    for error in _meta_schema().iter_errors(schema):
        yield Problem(format_pointer(error.instance_path, prefix=prefix), "invalid_schema", schema_error_text(error))
    for tokens, inner in walk_schema(schema):
        if isinstance(inner, dict):
            yield from _reference_problems(schema, inner, format_pointer(tokens, prefix=prefix), is_root=not tokens)
            yield from _pattern_problems(inner, format_pointer(tokens, prefix=prefix))
            yield from _property_name_problems(inner, format_pointer(tokens, prefix=prefix))


def _reference_problems(root: Schema, schema: dict[str, Any], prefix: str, *, is_root: bool) -> Iterator[Problem]:
    for keyword in sorted(UNSUPPORTED_KEYWORDS & schema.keys()):
        if not (is_root and keyword == "$id"):
            yield Problem(
                format_pointer((keyword,), prefix=prefix), "unsupported_keyword", f"{keyword} cannot be used here."
            )
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return
    reference_pointer = format_pointer(("$ref",), prefix=prefix)
    if not reference.startswith("#"):
        detail = f"{json_text(reference)} leads out of the schema. Nothing is ever fetched: copy it into $defs."
        yield Problem(reference_pointer, "remote_reference", detail)
    elif resolve_reference(root, reference) is None:
        yield Problem(
            reference_pointer, "unresolved_reference", f"{json_text(reference)} names nothing in this schema."
        )


def _property_name_problems(schema: dict[str, Any], prefix: str) -> Iterator[Problem]:
    members = schema.get("properties")
    if isinstance(members, dict) and "" in members:
        yield Problem(format_pointer(("properties", ""), prefix=prefix), "unnamed_property", "A property needs a name.")


def _pattern_problems(schema: dict[str, Any], prefix: str) -> Iterator[Problem]:
    patterns: list[tuple[Tokens, Any]] = [(("pattern",), schema.get("pattern"))]
    members = schema.get("patternProperties")
    if isinstance(members, dict):
        patterns += [(("patternProperties", pattern), pattern) for pattern in members]
    for tokens, pattern in patterns:
        if isinstance(pattern, str) and (problem := _pattern_problem(pattern)):
            yield Problem(format_pointer(tokens, prefix=prefix), *problem)


@lru_cache(maxsize=4096)
def _pattern_problem(pattern: str) -> tuple[str, str] | None:
    if _is_valid_pattern(pattern, LINEAR_TIME_REGEX):
        return None
    if _is_valid_pattern(pattern, jsonschema_rs.FancyRegexOptions()):
        detail = f"{json_text(pattern)} looks around or back, which can take for ever. Write it without."
        return "unsupported_pattern", detail
    return "invalid_pattern", f"{json_text(pattern)} is not a regular expression, or too large a one."


def _is_valid_pattern(pattern: str, options: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options, offline=True)
    except ValueError:
        return False
    return True


def _validator_rejection(schema: dict[str, Any]) -> str:
    """Return why the validator refuses a schema without other problems, or an empty text."""
    try:
        build_validator(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return truncate_text(str(error).partition("\n")[0])
    return ""


def _per_source_problems(document: dict[str, Any], *, has_valid_schemas: bool) -> Iterator[Problem]:
    """Check what differs by source; its paths are looked up only where the schemas can be read."""
    per_source = document.get("per_source")
    if per_source is None:
        return
    if not isinstance(per_source, dict):
        yield Problem("/per_source", "not_an_object", "What differs by source is an object keyed by source.")
        return
    for source, entry in per_source.items():
        prefix = format_pointer((source,), prefix="/per_source")
        if not isinstance(entry, dict):
            yield Problem(prefix, "not_an_object", "The entry of a source is an object.")
            continue
        for keyword, paths in entry.items():
            entry_pointer = format_pointer((keyword,), prefix=prefix)
            yield from _source_entry_problems(document if has_valid_schemas else None, keyword, paths, entry_pointer)


def _source_entry_problems(document: dict[str, Any] | None, keyword: str, paths: Any, prefix: str) -> Iterator[Problem]:
    if keyword not in ("required", "absent"):
        yield Problem(prefix, "unknown_member", "A source's entry holds `required` and `absent`.")
        return
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        yield Problem(prefix, "not_a_list", "This is a list of names of properties.")
        return
    for number, path in enumerate(paths):
        if document is not None and not has_property(document, path):
            detail = f"{json_text(path)} is no property that the definition spells out."
            yield Problem(f"{prefix}/{number}", "unknown_property", detail)


def _contradiction_problems(document: dict[str, Any]) -> Iterator[Problem]:
    """Find what a source's entry requires and leaves out at once: no event of that source could be clean."""
    for source, entry in (document.get("per_source") or {}).items():
        absent = {tuple(property_tokens(document, path)) for path in entry.get("absent", ())}
        for number, path in enumerate(entry.get("required", ())):
            tokens = property_tokens(document, path)
            if any(tuple(tokens[:length]) in absent for length in range(1, len(tokens) + 1)):
                pointer = format_pointer((source, "required", number), prefix="/per_source")
                detail = f"{json_text(path)} is required and absent for {json_text(source)}. Remove it from one list."
                yield Problem(pointer, "required_and_absent", detail)


@lru_cache(maxsize=1)
def _meta_schema() -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"}, offline=True)
