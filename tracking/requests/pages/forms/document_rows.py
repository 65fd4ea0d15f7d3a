"""Definition documents as rows that people edit, and back, so that nothing that the rows do not show is lost."""

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.contract.definition.definition_document import main_part, member
from catalog.contract.property_listing import constraints_of
from tracking.requests.pages.forms.property_kinds import KINDS, STRUCTURE, is_text, kind_of, value_of

SHOWN_AS_ROWS = 60
"""How many properties are edited as rows; larger definitions are edited as JSON."""

WORDS = ("description", "trigger")


@dataclass(frozen=True, slots=True)
class Row:
    """One property as a row: texts as they stand in inputs. `was` is its name in the document, "" for a new one."""

    name: str
    was: str = ""
    kind: str = "string"
    is_required: bool = False
    description: str = ""
    allowed: str = ""
    example: str = ""
    besides: str = ""  # rules that the row does not show, in words; they are kept
    is_locked: bool = False  # only JSON can say what it is


def schema_of(document: dict[str, Any]) -> Any:
    """Return the schema of the part that a document is mainly about; an empty object where it has none."""
    return document.get(member(main_part(document), document), {})


def rows_of(document: dict[str, Any]) -> list[Row] | None:
    """Return a document's own properties as rows, or None where its schema is no plain object of few properties."""
    schema = schema_of(document)
    if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
        return None
    if schema.get("type", "object") != "object" or "$ref" in schema or not isinstance(schema.get("required", []), list):
        return None
    properties = schema.get("properties", {})
    if len(properties) > SHOWN_AS_ROWS:
        return None
    required = schema.get("required", [])
    return [_row(name, inner, name in required) for name, inner in properties.items()]


def _row(name: str, schema: Any, is_required: bool) -> Row:
    kind = kind_of(schema)
    if kind is None or not isinstance(schema.get("examples", []), list):
        words = schema.get("description", "") if isinstance(schema, dict) else ""
        return Row(name, name, "", is_required, str(words or ""), is_locked=True)
    allowed = allowed_text(kind, schema.get("enum")) if "enum" in schema else ""
    examples = schema.get("examples") or []
    hidden = {key: value for key, value in schema.items() if key not in STRUCTURE | {"description", "examples"}}
    hidden |= {"format": schema["format"]} if "format" in schema and "format" not in KINDS[kind][1] else {}
    if allowed:
        hidden.pop("enum", None)
    return Row(
        name=name,
        was=name,
        kind=kind,
        is_required=is_required,
        description=str(schema.get("description") or ""),
        allowed=allowed or "",
        example=value_text(kind, examples[0]) if examples else "",
        besides=", ".join([*constraints_of(hidden), *(_inner(schema))]),
    )


def _inner(schema: dict[str, Any]) -> list[str]:
    """Name what is nested inside, which only JSON shows."""
    inner = schema.get("properties") or (schema.get("items") or {}).get("properties") or {}
    return [f"{len(inner)} inner properties"] if isinstance(inner, dict) and inner else []


def value_text(kind: str, value: Any) -> str:
    """Return a value as a person would type it."""
    if isinstance(value, str) and is_text(kind.removesuffix("-null")):
        return value
    return json.dumps(value, ensure_ascii=False)


def allowed_text(kind: str, values: Any) -> str:
    """Return the allowed values with commas between, or "" where that would not read back as the same values."""
    if not isinstance(values, list):
        return ""
    text = ", ".join(value_text(kind, value) for value in values)
    try:
        return text if allowed_values(kind, text) == values else ""
    except ValueError:
        return ""


def allowed_values(kind: str, text: str) -> list[Any]:
    """Return the values that a person listed with commas between. Raises ValueError where one is not of the kind."""
    return [value_of(kind, part) for part in text.split(",") if part.strip()]


def with_rows(document: dict[str, Any], rows: Iterable[Row]) -> dict[str, Any]:
    """Return the document with its properties as the rows say.

    Rows that are not given are taken out. What a row does not show (rules, nested schemas, further examples) stays
    as it was while the kind stays; a new kind begins with what the row says alone. Raises ValueError where a value
    is not of its kind.
    """
    changed = copy.deepcopy(document)
    key = member(main_part(changed), changed)
    schema = changed.get(key)
    schema = changed[key] = schema if isinstance(schema, dict) else {}
    old, rows = schema.get("properties", {}), list(rows)
    schema.setdefault("type", "object")
    schema["properties"] = {row.name: _schema(row, old.get(row.was)) for row in rows}
    kept = [name for name in schema.get("required", []) if name not in old]  # names that no row speaks of
    was_required = [name for name in schema.get("required", []) if name in old]
    renamed = {row.was: row.name for row in rows if row.was and row.is_required}
    order = [renamed[name] for name in was_required if name in renamed]
    order += [row.name for row in rows if row.is_required and row.name not in order]
    schema["required"] = [*kept, *order]
    if not schema["required"]:
        del schema["required"]
    return changed


def _schema(row: Row, old: Any) -> Any:
    if row.is_locked:
        return old if old is not None else {}
    was = _row(row.was, old, False) if isinstance(old, dict) else None
    if was is not None and was.kind == row.kind and not was.is_locked:
        schema = copy.deepcopy(old)
    else:
        schema = copy.deepcopy(KINDS[row.kind][1])
        was = None
    _put(schema, "description", row.description, was.description if was else "")
    if was is None or row.allowed != was.allowed:
        _put(schema, "enum", allowed_values(row.kind, row.allowed) or None, None)
    if was is None or row.example != was.example:
        rest = (schema.get("examples") or [])[1:]
        examples = [value_of(row.kind, row.example), *rest] if row.example else rest
        _put(schema, "examples", examples or None, None)
    return schema


def _put(schema: dict[str, Any], keyword: str, value: Any, was: Any) -> None:
    """Set a keyword, or take it away where nothing is said; what did not change stays untouched."""
    if value == was:
        return
    if value:
        schema[keyword] = value
    else:
        schema.pop(keyword, None)
