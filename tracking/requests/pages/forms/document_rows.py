"""Definition documents as rows that people edit, and back, so that nothing that the rows do not show is lost."""

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.contract import json_equal
from catalog.contract.definition.definition_document import main_part, schema_member
from catalog.contract.property_listing import describe_constraints
from tracking.requests.pages.forms.property_kinds import (
    PROPERTY_KINDS,
    TYPE_KEYWORDS,
    is_text_kind,
    kind_of_schema,
    parse_value,
)

MAX_PROPERTIES_AS_ROWS = 60
"""How many properties are edited as rows; larger definitions are edited as JSON."""

TEXT_MEMBERS = ("description", "trigger")


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """One property as a row: the texts of its inputs. `original_name` is its name in the document, "" for a new one."""

    name: str
    original_name: str = ""
    kind: str = "string"
    is_required: bool = False
    description: str = ""
    allowed: str = ""
    example: str = ""
    other_constraints: str = ""  # rules that the row does not show, in words; they are kept
    is_locked: bool = False  # only JSON can say what it is


def main_schema(document: dict[str, Any]) -> Any:
    """Return the schema of the part that a document is mainly about; an empty object where it has none."""
    return document.get(schema_member(main_part(document), document), {})


def rows_from_document(document: dict[str, Any]) -> list[PropertyRow] | None:
    """Return a document's own properties as rows, or None where its schema is no plain object of few properties."""
    schema = main_schema(document)
    if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
        return None
    if schema.get("type", "object") != "object" or "$ref" in schema:
        return None
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        return None
    properties = schema.get("properties", {})
    if len(properties) > MAX_PROPERTIES_AS_ROWS:
        return None
    return [_row_from_schema(name, inner, name in required) for name, inner in properties.items()]


def _row_from_schema(name: str, schema: Any, is_required: bool) -> PropertyRow:
    kind = kind_of_schema(schema)
    if kind is None or not isinstance(schema.get("examples", []), list):
        words = schema.get("description", "") if isinstance(schema, dict) else ""
        return PropertyRow(name, name, "", is_required, str(words or ""), is_locked=True)
    allowed = format_allowed_values(kind, schema.get("enum")) if "enum" in schema else ""
    examples = schema.get("examples") or []
    unshown_keywords = {
        key: value for key, value in schema.items() if key not in TYPE_KEYWORDS | {"description", "examples"}
    }
    unshown_keywords |= (
        {"format": schema["format"]} if "format" in schema and "format" not in PROPERTY_KINDS[kind][1] else {}
    )
    if allowed:
        unshown_keywords.pop("enum", None)
    try:
        constraints = [*describe_constraints(unshown_keywords), *_nested_summary(schema)]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # A draft may hold any JSON where a keyword wants a number or a list; only its JSON can mend that.
        return PropertyRow(name, name, "", is_required, str(schema.get("description") or ""), is_locked=True)
    return PropertyRow(
        name=name,
        original_name=name,
        kind=kind,
        is_required=is_required,
        description=str(schema.get("description") or ""),
        allowed=allowed or "",
        example=format_value(kind, examples[0]) if examples else "",
        other_constraints=", ".join(constraints),
    )


def _nested_summary(schema: dict[str, Any]) -> list[str]:
    """Name what is nested inside, which only JSON shows."""
    items = schema.get("items")
    inner = schema.get("properties") or (items.get("properties") if isinstance(items, dict) else None)
    return [f"{len(inner)} inner properties"] if isinstance(inner, dict) and inner else []


def format_value(kind: str, value: Any) -> str:
    """Return a value as a person would type it."""
    if isinstance(value, str) and is_text_kind(kind.removesuffix("-null")):
        return value
    return json.dumps(value, ensure_ascii=False)


def format_allowed_values(kind: str, values: Any) -> str:
    """Return the allowed values with commas between, or "" where that would not read back as the same values."""
    if not isinstance(values, list):
        return ""
    text = ", ".join(format_value(kind, value) for value in values)
    try:
        return text if json_equal(parse_allowed_values(kind, text), values) else ""
    except ValueError:
        return ""


def parse_allowed_values(kind: str, text: str) -> list[Any]:
    """Return the values that a person listed with commas between. Raises ValueError where one is not of the kind."""
    return [parse_value(kind, part) for part in text.split(",") if part.strip()]


def document_with_rows(document: dict[str, Any], rows: Iterable[PropertyRow]) -> dict[str, Any]:
    """Return the document with its properties as the rows say.

    Rows that are not given are taken out. What a row does not show (rules, nested schemas, further examples) stays
    as it was while the kind stays; a new kind begins with what the row says alone. Raises ValueError where a value
    is not of its kind.
    """
    changed = copy.deepcopy(document)
    member = schema_member(main_part(changed), changed)
    schema = changed.get(member)
    schema = changed[member] = schema if isinstance(schema, dict) else {}
    old_properties, rows = schema.get("properties", {}), list(rows)
    schema.setdefault("type", "object")
    schema["properties"] = {row.name: _schema_from_row(row, old_properties.get(row.original_name)) for row in rows}
    unshown_required = [
        name for name in schema.get("required", []) if name not in old_properties
    ]  # names without a row
    previously_required = [name for name in schema.get("required", []) if name in old_properties]
    new_name_by_old = {row.original_name: row.name for row in rows if row.original_name and row.is_required}
    order = [new_name_by_old[name] for name in previously_required if name in new_name_by_old]
    order += [row.name for row in rows if row.is_required and row.name not in order]
    schema["required"] = [*unshown_required, *order]
    if not schema["required"]:
        del schema["required"]
    return changed


def _schema_from_row(row: PropertyRow, old_schema: Any) -> Any:
    if row.is_locked:
        return old_schema if old_schema is not None else {}
    old_row = _row_from_schema(row.original_name, old_schema, False) if isinstance(old_schema, dict) else None
    if old_row is not None and old_row.kind == row.kind and not old_row.is_locked:
        schema = copy.deepcopy(old_schema)
    else:
        schema = copy.deepcopy(PROPERTY_KINDS[row.kind][1])
        old_row = None
    _set_keyword(schema, "description", row.description, old_row.description if old_row else "")
    if old_row is None or row.allowed != old_row.allowed:
        _set_keyword(schema, "enum", parse_allowed_values(row.kind, row.allowed) or None, None)
    if old_row is None or row.example != old_row.example:
        rest = (schema.get("examples") or [])[1:]
        examples = [parse_value(row.kind, row.example), *rest] if row.example else rest
        _set_keyword(schema, "examples", examples or None, None)
    return schema


def _set_keyword(schema: dict[str, Any], keyword: str, value: Any, old_value: Any) -> None:
    """Set a keyword, or take it away where nothing is said; what did not change stays untouched."""
    if value == old_value:
        return
    if value:
        schema[keyword] = value
    else:
        schema.pop(keyword, None)
