"""What kinds of values people choose for a property, and how each is said in JSON Schema."""

from typing import Any

from catalog.contract import parse_json
from catalog.contract.json.json_parser import UnparsableBody
from catalog.contract.json.json_type import json_type

ANY_KIND = "any"
PROPERTY_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "string": ("Text", {"type": "string"}),
    "number": ("Number", {"type": "number"}),
    "integer": ("Whole number", {"type": "integer"}),
    "boolean": ("Yes or no", {"type": "boolean"}),
    "date-time": ("Date and time", {"type": "string", "format": "date-time"}),
    "date": ("Date", {"type": "string", "format": "date"}),
    "strings": ("List of texts", {"type": "array", "items": {"type": "string"}}),
    "array": ("List", {"type": "array"}),
    "object": ("Object", {"type": "object"}),
    "string-null": ("Text or nothing", {"type": ["string", "null"]}),
    "number-null": ("Number or nothing", {"type": ["number", "null"]}),
    "integer-null": ("Whole number or nothing", {"type": ["integer", "null"]}),
    "boolean-null": ("Yes, no or nothing", {"type": ["boolean", "null"]}),
    ANY_KIND: ("Anything", {}),
}
KIND_CHOICES = [(kind, label) for kind, (label, _schema) in PROPERTY_KINDS.items()]

TEXT_KINDS = frozenset({"string", "date-time", "date", "string-null"})
TYPE_KEYWORDS = frozenset({"type", "format", "items"})
JSON_TYPES = {
    "integer": ("integer",),
    "number": ("integer", "number"),
    "strings": ("array",),
    "array": ("array",),
    "object": ("object",),
}
BOOLEAN_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def kind_of_schema(schema: Any) -> str | None:
    """Return the kind that a property's schema is of, or None where no kind says as much: rows cannot show it."""
    if not isinstance(schema, dict):
        return None
    type_keywords = {keyword: schema[keyword] for keyword in TYPE_KEYWORDS if keyword in schema}
    if isinstance(type_keywords.get("type"), list):
        type_keywords["type"] = sorted(type_keywords["type"], key=lambda name: name == "null")
    for kind, (_label, fragment) in PROPERTY_KINDS.items():
        if type_keywords == fragment:
            # A schema that names no type but refers elsewhere is not "anything".
            return (
                None
                if kind == ANY_KIND and schema.keys() & {"$ref", "allOf", "anyOf", "oneOf", "const", "not"}
                else kind
            )
    if type_keywords.get("type") == "string" and "format" in type_keywords:
        return "string"
    return "array" if type_keywords.get("type") == "array" and "items" in type_keywords else None


def is_text_kind(kind: str) -> bool:
    """Whether values of a kind are written as they are, without quotes."""
    return kind in TEXT_KINDS


def parse_value(kind: str, text: str) -> Any:
    """Return what a person typed as a value of a kind. Raises ValueError, with words for people, where it is none."""
    stripped = text.strip()
    if kind.endswith("-null") and stripped in ("null", "nothing"):
        return None
    base_kind = kind.removesuffix("-null")
    if is_text_kind(base_kind):
        return stripped
    if base_kind == "strings" and not stripped.startswith("["):
        return [part.strip() for part in stripped.split(",")]
    if base_kind == "boolean":
        if stripped.lower() not in BOOLEAN_WORDS:
            raise ValueError(f"{stripped[:40]!r} is neither true nor false.")
        return BOOLEAN_WORDS[stripped.lower()]
    try:
        parsed = parse_json(stripped.encode("utf-8", "backslashreplace"))
    except UnparsableBody:
        parsed = None
    if parsed is None or parsed.parse_errors:
        if base_kind in (ANY_KIND,):
            return stripped
        raise ValueError(f"{stripped[:40]!r} is no {PROPERTY_KINDS[kind][0].lower()}.")
    value = parsed.value
    if base_kind in JSON_TYPES and json_type(value) not in JSON_TYPES[base_kind]:
        raise ValueError(f"{stripped[:40]!r} is no {PROPERTY_KINDS[kind][0].lower()}.")
    return value
