"""A definition as a flat list of its properties, for tables and snippets."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from catalog.contract.definition.definition_document import Document, part_schemas
from catalog.contract.examples.value_generation import ExampleGenerator
from catalog.contract.json.json_type import json_type
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, format_pointer
from catalog.contract.json.text import json_text, truncate_text
from catalog.contract.schema.rule_descriptions import list_values, pluralize
from catalog.contract.schema.subschemas import Schema, in_place_subschemas, is_schema

MAX_LISTED_PROPERTIES = 2_000
"""How many properties are listed."""

MAX_DEPTH = 12
"""How deep nested properties are followed."""

MAX_LABEL_DEPTH = 4
"""How many lists inside each other the type of a property names. Two that hold each other have no end."""

MAX_EXAMPLE_STEPS = 150_000
"""How much work is done for the examples of all properties together: a second. Ordinary ones take a few steps."""


class PropertySummary(Struct, frozen=True, kw_only=True):
    """One property of a definition.

    `path` is its definition path (`/properties/products/*/sku`), `type_label` its type in words, `schema`
    what the definition says of it, with references and `allOf` resolved; `constraints` are its rules in words and
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
        return sum(1 for step in self.path.split("/")[3:] if step != ANY_INDEX)


def list_properties(document: Document, *, with_examples: bool = True) -> list[PropertySummary]:
    """Return a line for each property of a valid document, outer ones first, at most 2,000.

    References are followed as long as they lead somewhere new; a property that holds its own kind is listed
    once. Objects with free keys have a line with `?` for the key. Examples take by far the most time.
    """
    lines = (
        line
        for part, schema in part_schemas(document).items()
        for line in _PropertyLister(schema, with_examples=with_examples).properties_below(schema, f"/{part}", ())
    )
    return list(islice(lines, MAX_LISTED_PROPERTIES))


def flatten_schema(root: Schema, schema: Schema) -> dict[str, Any]:
    """Return a schema with the keywords of its references and `allOf` branches; the nearest one counts."""
    flattened: dict[str, Any] = {}
    schemas = [each for each in in_place_subschemas(root, schema) if isinstance(each, dict)]
    optional = {id(branch) for each in schemas for keyword in ("anyOf", "oneOf") for branch in each.get(keyword, ())}
    optional |= {id(each.get(keyword)) for each in schemas for keyword in ("if", "then", "else")}
    for each in schemas:
        if id(each) not in optional:
            for keyword, value in each.items():
                if keyword not in ("$ref", "allOf", "$defs", "definitions", "$anchor"):
                    flattened.setdefault(keyword, value)
    return flattened


def type_label(root: Schema, schema: Schema) -> str:
    """Return a schema's type in words: "string or null", "array of object", "date-time", "any"."""
    return TypeLabels(root).label_of(schema)


class TypeLabels:
    """The types of the schemas of one definition in words, each found out once, since references meet again."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._labels: dict[tuple[int, int], str] = {}

    def label_of(self, schema: Schema, depth: int = 0) -> str:
        """Return the type of a schema: see `type_label`. Lists inside lists are named down to `MAX_LABEL_DEPTH`."""
        key = (id(schema), depth)
        if key not in self._labels:
            labels: list[str] = []
            for each in in_place_subschemas(self._root, schema):
                label = self._own_label(each, depth) if isinstance(each, dict) else ""
                labels += [part for part in label.split(" or ") if part and part not in labels]
            labels.sort(key=lambda label: label == "null")
            self._labels[key] = " or ".join(labels) or "any"
        return self._labels[key]

    def _own_label(self, schema: dict[str, Any], depth: int) -> str:
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if not types and "enum" in schema:
            types = sorted({json_type(value) for value in schema["enum"]})
        if not types and "const" in schema:
            types = [json_type(schema["const"])]
        items = schema.get("items")
        inner = ""
        if depth < MAX_LABEL_DEPTH and isinstance(items, dict) and not _is_within(self._root, items, schema):
            inner = self.label_of(items, depth + 1)
        labels = {"array": f"array of {inner}" if inner and " or " not in inner else "array"}
        return " or ".join(labels.get(kind, kind) for kind in types)


def _is_within(root: Schema, inner: Schema, outer: Schema) -> bool:
    return any(each is outer for each in in_place_subschemas(root, inner))


def describe_constraints(schema: dict[str, Any]) -> list[str]:
    """Return the rules of one schema in words, besides its type."""
    descriptions: list[str] = []
    if "const" in schema:
        descriptions.append(f"always {json_text(schema['const'])}")
    if "enum" in schema:
        descriptions.append(f"one of {list_values(schema['enum'])}")
    if "format" in schema:
        descriptions.append(f"format {schema['format']}")
    if "pattern" in schema:
        descriptions.append(f"matches {truncate_text(schema['pattern'])}")
    for keyword, text in (
        ("minimum", "at least {}"),
        ("exclusiveMinimum", "more than {}"),
        ("maximum", "at most {}"),
        ("exclusiveMaximum", "less than {}"),
        ("multipleOf", "a multiple of {}"),
    ):
        if keyword in schema:
            descriptions.append(text.format(json_text(schema[keyword])))
    for keyword, text, noun in (
        ("minLength", "at least", "character"),
        ("maxLength", "at most", "character"),
        ("minItems", "at least", "item"),
        ("maxItems", "at most", "item"),
        ("minProperties", "at least", "key"),
        ("maxProperties", "at most", "key"),
    ):
        if keyword in schema:
            descriptions.append(f"{text} {pluralize(schema[keyword], noun)}")
    if schema.get("uniqueItems"):
        descriptions.append("no item twice")
    if schema.get("additionalProperties") is False:
        descriptions.append("no other keys")
    if "not" in schema:
        descriptions.append(f"not {json_text(schema['not'])}")
    return descriptions


class _PropertyLister:
    def __init__(self, root: Schema, *, with_examples: bool) -> None:
        self._root = root
        self._type_labels = TypeLabels(root)
        self._examples = ExampleGenerator(root, MAX_EXAMPLE_STEPS if with_examples else 0)

    def properties_below(self, schema: Schema, prefix: str, ancestors: tuple[int, ...]) -> Iterator[PropertySummary]:
        """Yield the lines below a schema. `ancestors` holds the identities of the schemas that led here."""
        schemas = [each for each in in_place_subschemas(self._root, schema) if isinstance(each, dict)]
        if len(ancestors) > MAX_DEPTH * 4 or any(id(each) in ancestors for each in schemas):
            return
        ancestors = (*ancestors, *map(id, schemas))
        required = {name for each in schemas for name in each.get("required", ())}
        seen: set[str] = set()
        for each in schemas:
            for name, inner in each.get("properties", {}).items():
                if name not in seen:
                    seen.add(name)
                    yield from self._property_with_children(
                        inner, name, format_pointer((name,), prefix=prefix), name in required, ancestors
                    )
        for each in schemas:
            if isinstance(each.get("items"), dict):
                yield from self.properties_below(each["items"], f"{prefix}/{ANY_INDEX}", ancestors)
            by_pattern = each.get("patternProperties", {})
            for inner in (each.get("additionalProperties"), *(by_pattern[pattern] for pattern in sorted(by_pattern))):
                if isinstance(inner, dict) and UNKNOWN_KEY not in seen:
                    seen.add(UNKNOWN_KEY)
                    yield from self._property_with_children(
                        inner, UNKNOWN_KEY, f"{prefix}/{UNKNOWN_KEY}", False, ancestors
                    )

    def _property_with_children(
        self, schema: Schema, name: str, path: str, is_required: bool, ancestors: tuple[int, ...]
    ) -> Iterator[PropertySummary]:
        flattened = flatten_schema(self._root, schema)
        yield PropertySummary(
            path=path,
            name=name,
            type_label="nothing" if schema is False else self._type_labels.label_of(schema),
            is_required=is_required,
            description=str(flattened.get("description") or ""),
            schema=flattened,
            constraints=describe_constraints(flattened),
            example=self._examples.first_value(schema) if is_schema(schema) else None,
        )
        yield from self.properties_below(schema, path, ancestors)
