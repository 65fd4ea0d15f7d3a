"""What kinds of values people choose for a property, and how each is said in JSON Schema."""

from typing import Any

from catalog.contract import read_json
from catalog.contract.json.json_parser import Unreadable

ANY = "any"
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
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
    ANY: ("Anything", {}),
}
CHOICES = [(kind, label) for kind, (label, _schema) in KINDS.items()]

TEXTS = frozenset({"string", "date-time", "date", "string-null"})
STRUCTURE = frozenset({"type", "format", "items"})
YES_AND_NO = {"true": True, "yes": True, "false": False, "no": False}


def kind_of(schema: Any) -> str | None:
    """Return the kind that a property's schema is of, or None where no kind says as much: rows cannot show it."""
    if not isinstance(schema, dict):
        return None
    said = {keyword: schema[keyword] for keyword in STRUCTURE if keyword in schema}
    if isinstance(said.get("type"), list):
        said["type"] = sorted(said["type"], key=lambda name: name == "null")
    for kind, (_label, fragment) in KINDS.items():
        if said == fragment:
            # A schema that names no type but refers elsewhere is not "anything".
            return None if kind == ANY and schema.keys() & {"$ref", "allOf", "anyOf", "oneOf", "const", "not"} else kind
    if said.get("type") == "string" and "format" in said:
        return "string"
    return "array" if said.get("type") == "array" and "items" in said else None


def is_text(kind: str) -> bool:
    """Whether values of a kind are written as they are, without quotes."""
    return kind in TEXTS


def value_of(kind: str, text: str) -> Any:
    """Return what a person typed as a value of a kind. Raises ValueError, with words for people, where it is none."""
    plain = text.strip()
    if kind.endswith("-null") and plain in ("null", "nothing"):
        return None
    base = kind.removesuffix("-null")
    if is_text(base):
        return plain
    if base == "strings" and not plain.startswith("["):
        return [part.strip() for part in plain.split(",")]
    if base == "boolean":
        if plain.lower() not in YES_AND_NO:
            raise ValueError(f"{plain[:40]!r} is neither true nor false.")
        return YES_AND_NO[plain.lower()]
    try:
        reading = read_json(plain.encode("utf-8", "backslashreplace"))
    except Unreadable:
        reading = None
    if reading is None or reading.faults:
        if base in (ANY,):
            return plain
        raise ValueError(f"{plain[:40]!r} is no {KINDS[kind][0].lower()}.")
    value = reading.value
    fits = {
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "strings": isinstance(value, list),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    if not fits.get(base, True):
        raise ValueError(f"{plain[:40]!r} is no {KINDS[kind][0].lower()}.")
    return value
