"""Values that a schema may accept: the source of examples and of witnesses. Whoever uses them checks them."""

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from catalog.contract.examples.pattern_text import matching_text
from catalog.contract.schema.subschemas import Schema, resolve
from catalog.contract.schema.validator import build

MAX_VARIANTS = 2_000
"""How many values are offered for a schema."""

_INNER_VARIANTS = 24  # for a schema inside it

_MAX_DEPTH = 12
_LONGEST = 10_000
_FORMATS = {
    "date": "2026-03-14",
    "date-time": "2026-03-14T09:26:53Z",
    "duration": "PT15M",
    "email": "ada@example.com",
    "hostname": "shop.example.com",
    "idn-email": "ada@example.com",
    "idn-hostname": "shop.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://shop.example.com/",
    "iri-reference": "/path",
    "json-pointer": "/path",
    "regex": "^a$",
    "relative-json-pointer": "0",
    "time": "09:26:53Z",
    "uri": "https://shop.example.com/",
    "uri-reference": "/path",
    "uri-template": "https://shop.example.com/{path}",
    "uuid": "3f2b8c1e-5d4a-4e6f-9b7c-1a2d3e4f5a6b",
}
_TEXTS = ("text", "", "1", "a", "A", "EUR", "en-US", "1.0.0", "1-0-0", "#ffffff", *_FORMATS.values())
_HINTS = {
    "object": {"properties", "patternProperties", "additionalProperties", "required", "propertyNames", "minProperties"},
    "array": {"items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"},
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}


def variants(root: Schema, schema: Schema) -> list[Any]:
    """Return up to 2,000 values that a schema may accept, the most telling first.

    `root` is what its references refer to. An object comes with all its properties, with the required ones
    only, and with each property in each of its variants. Never raises for a valid schema; some of the
    values may not fit, where rules depend on each other.
    """
    return _Variants(root).of(schema, 0)


def _distinct(values: Iterable[Any], limit: int) -> list[Any]:
    """Return the first values, each once; `True` and `1` count as two."""
    found: dict[str, Any] = {}
    for value in values:
        if len(found) == limit:
            break
        found.setdefault(repr(value), value)
    return list(found.values())


class _Variants:
    def __init__(self, root: Schema, open_: tuple[str, ...] = ()) -> None:
        self._root = root
        self._open = open_  # the references that led to the schema at hand

    def of(self, schema: Schema, depth: int) -> list[Any]:
        if schema is False or depth > _MAX_DEPTH:
            return []
        return _distinct(
            self._each(schema if isinstance(schema, dict) else {}, depth), _INNER_VARIANTS if depth else MAX_VARIANTS
        )

    def _each(self, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        for alternative, references in islice(self._alternatives(schema, ()), _INNER_VARIANTS):
            if any(self._open.count(reference) > 1 for reference in references):
                continue  # a schema that holds its own kind: twice is enough to show it
            inside = _Variants(self._root, self._open + references)
            yield from inside._of_alternative(alternative, depth)

    def _of_alternative(self, alternative: dict[str, Any], depth: int) -> Iterator[Any]:
        examples = alternative.get("examples")
        yield from examples if isinstance(examples, list) else ()
        if "default" in alternative:
            yield alternative["default"]
        if "const" in alternative:
            yield alternative["const"]
        elif "enum" in alternative:
            yield from alternative["enum"]
        else:
            for kind in _types_of(alternative):
                yield from self._of_type(kind, alternative, depth)

    def _alternatives(
        self, schema: dict[str, Any], references: tuple[str, ...]
    ) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
        """Yield the schema without references and branches, once for each way of choosing among them.

        With each comes which references it was reached by.
        """
        if len(references) > _MAX_DEPTH:
            return
        branching = ("$ref", "allOf", "anyOf", "oneOf")
        rest = {keyword: value for keyword, value in schema.items() if keyword not in branching}
        if "$ref" in schema:
            references = (*references, schema["$ref"])
        chosen: list[list[Schema]] = [[resolve(self._root, schema["$ref"]) or True]] if "$ref" in schema else []
        chosen += [[branch] for branch in schema.get("allOf", ())]
        chosen += [schema[keyword] for keyword in ("anyOf", "oneOf") if keyword in schema]
        if not chosen:
            yield rest, references
            return
        for branch in chosen[0]:
            merged = _merged(rest, branch if isinstance(branch, dict) else {})
            others = [_any_of(branches) for branches in chosen[1:]]
            together = {"allOf": merged.get("allOf", []) + others} if others else {}
            yield from self._alternatives(merged | together, references)

    def _of_type(self, kind: str, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        if kind == "object":
            yield from self._objects(schema, depth)
        elif kind == "array":
            yield from self._arrays(schema, depth)
        elif kind == "string":
            yield from _texts(schema)
        elif kind in ("integer", "number"):
            yield from _numbers(schema, kind)
        else:
            yield from (True, False) if kind == "boolean" else (None,)

    def _objects(self, schema: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        free = {matching_text(pattern): inner for pattern, inner in schema.get("patternProperties", {}).items()}
        properties = schema.get("properties", {}) | {name: inner for name, inner in free.items() if name}
        named = list(properties) + [name for name in schema.get("required", ()) if name not in properties]
        values = {name: self.of(properties.get(name, True), depth + 1) for name in named}
        required = {name: values[name][0] for name in schema.get("required", ()) if values[name]}
        everything = {name: found[0] for name, found in values.items() if found}
        additional = schema.get("additionalProperties", False)
        extra = {} if additional is False or depth else {"another": (self.of(additional, depth + 1) or [None])[0]}
        if not properties and additional is not False:
            everything = required | {"another": (self.of(additional, depth + 1) or [None])[0]}
        yield everything
        yield required
        yield required | extra
        for name, found in values.items():
            yield from (required | {name: value} for value in found)
            yield {kept: value for kept, value in everything.items() if kept != name}

    def _arrays(self, schema: dict[str, Any], depth: int) -> Iterator[list[Any]]:
        prefix = [(self.of(item, depth + 1) or [None])[0] for item in schema.get("prefixItems", ())]
        items = self.of(schema.get("items", True), depth + 1)
        items = self.of(schema["contains"], depth + 1) + items if "contains" in schema else items
        least = max(schema.get("minItems", 0) - len(prefix), 0)
        for item in items:
            filling = [item] * max(least, 1)
            if schema.get("uniqueItems"):
                filling = [item, *(other for other in items if other != item)][: max(least, 1)]
            yield prefix + filling
        yield prefix + items[:1] * least


def _any_of(branches: list[Schema]) -> Schema:
    return branches[0] if len(branches) == 1 else {"anyOf": branches}


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return one schema for two that hold for the same value, as far as they can be put together."""
    merged = first | second
    for keyword in ("properties", "patternProperties"):
        for name in first.get(keyword, {}).keys() & second.get(keyword, {}).keys():
            both = {"allOf": [first[keyword][name], second[keyword][name]]}
            merged[keyword] = first[keyword] | merged[keyword] | {name: both}
        if keyword in first and keyword in second:
            merged[keyword] = first[keyword] | merged[keyword]
    if "required" in first and "required" in second:
        merged["required"] = [
            *first["required"],
            *(name for name in second["required"] if name not in first["required"]),
        ]
    if "allOf" in first and "allOf" in second:
        merged["allOf"] = first["allOf"] + second["allOf"]
    if "type" in first and "type" in second:
        merged["type"] = [kind for kind in _types_of(first) if kind in _types_of(second)] or first["type"]
    return merged


def _types_of(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type")
    if types is not None:
        return [types] if isinstance(types, str) else list(types)
    hinted = [kind for kind, keywords in _HINTS.items() if keywords & schema.keys()]
    return hinted or ["string", "integer", "number", "boolean", "null", "object", "array"]


def _texts(schema: dict[str, Any]) -> Iterator[str]:
    """Yield texts that keep to the rules for texts in a schema."""
    rules = {keyword: schema[keyword] for keyword in _HINTS["string"] if keyword in schema}
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 64)
    matching = matching_text(schema["pattern"]) if "pattern" in schema else None
    offered = [_FORMATS.get(schema.get("format", ""), "text"), *([matching] if matching is not None else []), *_TEXTS]
    if max(shortest, longest) <= _LONGEST:
        offered += [text[:longest].ljust(shortest, "a") for text in offered] + ["a" * shortest, "a" * longest]
    judge = build(rules)
    yield from (text for text in offered if judge.is_valid(text))


def _numbers(schema: dict[str, Any], kind: str) -> Iterator[int | float]:
    """Yield numbers at, inside and around the bounds of a schema."""
    bounds = [
        schema[keyword]
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if keyword in schema
    ]
    step = schema.get("multipleOf", 1)
    lowest = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    ratio = lowest / step if bounds or "multipleOf" in schema else math.inf
    near = [step * math.ceil(ratio), step * (math.floor(ratio) + 1)] if math.isfinite(ratio) else []
    halves = [] if kind == "integer" else [27.5, 0.5]
    middle = [sum(bounds) / 2] if len(bounds) == 2 and _is_finite(sum(bounds)) else []
    around = [value for bound in bounds for value in (bound, bound + 1, bound - 1)]
    for value in (*near, *halves, 1, 0, *middle, *around, -1, 1_000_000):
        if kind == "number":
            yield value
        elif _is_finite(value) and value == int(value):
            yield int(value)


def _is_finite(value: float) -> bool:
    return isinstance(value, int) or math.isfinite(value)
