"""A definition as a flat list of its properties, for tables and snippets."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from catalog.contract.definition.definition_document import Document, parts_of
from catalog.contract.examples.value_generation import variants
from catalog.contract.json.pointers import INDEX, UNKNOWN, pointer
from catalog.contract.json.text import cut, json_text
from catalog.contract.schema.rule_descriptions import alternatives, counted
from catalog.contract.schema.subschemas import Schema, is_schema, same_value

MAX_LINES = 2_000
"""How many properties are listed."""

MAX_DEPTH = 12
"""How deep nested properties are followed."""


class PropertyLine(Struct, frozen=True, kw_only=True):
    """One property of a definition.

    `path` is its definition path (`/properties/products/*/sku`), `type_label` its type in words, `schema`
    what the definition says of it, references and `allOf` written out; `constraints` are its rules in words and
    `example` a value that should fit.
    """

    path: str
    name: str
    type_label: str
    is_required: bool
    description: str
    schema: dict[str, Any]
    constraints: list[str]
    example: Any = None

    @property
    def depth(self) -> int:
        """How deep the property is nested: 0 for one of the part itself."""
        return sum(1 for step in self.path.split("/")[3:] if step != INDEX)


def properties_of(document: Document) -> list[PropertyLine]:
    """Return a line for each property of a valid document, outer ones first, at most 2,000.

    References are followed as long as they lead somewhere new; a property that holds its own kind is listed
    once. Objects with free keys have a line with `?` for the key.
    """
    lines = (
        line for part, schema in parts_of(document).items() for line in _Lister(schema).lines(schema, f"/{part}", ())
    )
    return list(islice(lines, MAX_LINES))


def written_out(root: Schema, schema: Schema) -> dict[str, Any]:
    """Return a schema with the keywords of its references and `allOf` branches; what stands nearer counts."""
    found: dict[str, Any] = {}
    at_hand = [each for each in same_value(root, schema) if isinstance(each, dict)]
    optional = {id(branch) for each in at_hand for keyword in ("anyOf", "oneOf") for branch in each.get(keyword, ())}
    optional |= {id(each.get(keyword)) for each in at_hand for keyword in ("if", "then", "else")}
    for each in at_hand:
        if id(each) not in optional:
            for keyword, value in each.items():
                if keyword not in ("$ref", "allOf", "$defs", "definitions", "$anchor"):
                    found.setdefault(keyword, value)
    return found


def type_label(root: Schema, schema: Schema) -> str:
    """Return a schema's type in words: "string or null", "array of object", "date-time", "any"."""
    labels: list[str] = []
    for each in same_value(root, schema):
        label = _own_label(root, each) if isinstance(each, dict) else ""
        labels += [part for part in label.split(" or ") if part and part not in labels]
    labels.sort(key=lambda label: label == "null")
    return " or ".join(labels) or "any"


def _own_label(root: Schema, schema: dict[str, Any]) -> str:
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if not types and "enum" in schema:
        types = sorted({_type_of(value) for value in schema["enum"]})
    if not types and "const" in schema:
        types = [_type_of(schema["const"])]
    items = schema.get("items")
    inner = type_label(root, items) if isinstance(items, dict) and not _is_within(root, items, schema) else ""
    labels = {"array": f"array of {inner}" if inner and " or " not in inner else "array"}
    return " or ".join(labels.get(kind, kind) for kind in types)


def _is_within(root: Schema, inner: Schema, outer: Schema) -> bool:
    return any(each is outer for each in same_value(root, inner))


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return kinds[type(value)]


def constraints_of(schema: dict[str, Any]) -> list[str]:
    """Return the rules of one schema in words, besides its type."""
    words: list[str] = []
    if "const" in schema:
        words.append(f"always {json_text(schema['const'])}")
    if "enum" in schema:
        words.append(f"one of {alternatives(schema['enum'])}")
    if "format" in schema:
        words.append(f"format {schema['format']}")
    if "pattern" in schema:
        words.append(f"matches {cut(schema['pattern'])}")
    for keyword, text in (
        ("minimum", "at least {}"),
        ("exclusiveMinimum", "more than {}"),
        ("maximum", "at most {}"),
        ("exclusiveMaximum", "less than {}"),
        ("multipleOf", "a multiple of {}"),
    ):
        if keyword in schema:
            words.append(text.format(json_text(schema[keyword])))
    for keyword, text, noun in (
        ("minLength", "at least", "character"),
        ("maxLength", "at most", "character"),
        ("minItems", "at least", "item"),
        ("maxItems", "at most", "item"),
        ("minProperties", "at least", "key"),
        ("maxProperties", "at most", "key"),
    ):
        if keyword in schema:
            words.append(f"{text} {counted(schema[keyword], noun)}")
    if schema.get("uniqueItems"):
        words.append("no item twice")
    if schema.get("additionalProperties") is False:
        words.append("no other keys")
    if "not" in schema:
        words.append(f"not {json_text(schema['not'])}")
    return words


class _Lister:
    def __init__(self, root: Schema) -> None:
        self._root = root

    def lines(self, schema: Schema, at: str, above: tuple[int, ...]) -> Iterator[PropertyLine]:
        """Yield the lines below a schema. `above` holds the identities of the schemas that led here."""
        at_hand = [each for each in same_value(self._root, schema) if isinstance(each, dict)]
        if len(above) > MAX_DEPTH * 4 or any(id(each) in above for each in at_hand):
            return
        above = (*above, *map(id, at_hand))
        required = {name for each in at_hand for name in each.get("required", ())}
        seen: set[str] = set()
        for each in at_hand:
            for name, inner in each.get("properties", {}).items():
                if name not in seen:
                    seen.add(name)
                    yield from self._property(inner, name, pointer((name,), below=at), name in required, above)
        for each in at_hand:
            if isinstance(each.get("items"), dict):
                yield from self.lines(each["items"], f"{at}/{INDEX}", above)
            for inner in (each.get("additionalProperties"), *each.get("patternProperties", {}).values()):
                if isinstance(inner, dict) and UNKNOWN not in seen:
                    seen.add(UNKNOWN)
                    yield from self._property(inner, UNKNOWN, f"{at}/{UNKNOWN}", False, above)

    def _property(
        self, schema: Schema, name: str, path: str, is_required: bool, above: tuple[int, ...]
    ) -> Iterator[PropertyLine]:
        written = written_out(self._root, schema)
        offered = variants(self._root, schema) if is_schema(schema) else []
        yield PropertyLine(
            path=path,
            name=name,
            type_label="nothing" if schema is False else type_label(self._root, schema),
            is_required=is_required,
            description=str(written.get("description") or ""),
            schema=written,
            constraints=constraints_of(written),
            example=offered[0] if offered else None,
        )
        yield from self.lines(schema, path, above)
