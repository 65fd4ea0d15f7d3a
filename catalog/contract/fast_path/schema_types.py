"""From a schema to the type of msgspec that reads what the schema allows, and nothing else.

An object becomes a typed dictionary, so that what is read is the same JSON value that any parser reads. msgspec leaves
out keys that the type does not name: whoever reads looks afterwards whether anything was left out (`fast_batch`), so a
key that is unknown, deprecated or doubled is never accepted, as the closed reading wants it.

Known differences between msgspec and the validator, and what is made of them:
- `1.0` is an integer to the validator and none to msgspec: it is refused.
- A bound past 2^53 may be rounded where it meets a float: not fast for `number`. Bounds of integers are whole, within
  64 bits.
- `multipleOf` of floats is rounded: fast for integers alone.
- msgspec 0.22 writes past its own memory for a union of an array or a map with a text that has a pattern: not fast.
- Patterns and formats: see `narrow_patterns` and `narrow_formats`.
- An enum lists texts, integers and null; what the rest of its schema refuses of it is left out.
"""

import math
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict

from msgspec import Meta

from catalog.contract.fast_path.narrow_formats import narrow_format
from catalog.contract.fast_path.narrow_patterns import narrow_pattern
from catalog.contract.fast_path.not_fast import NotFast
from catalog.contract.schema.subschemas import (
    UNSUPPORTED_KEYWORDS,
    VALIDATING_KEYWORDS,
    Schema,
    resolve_reference,
)
from catalog.contract.schema.validator import build_validator, without_identifiers

MAX_DEPTH = 20
MAX_TYPES = 2_000
"""How many schemas one type may be made of: a reference that is used in many places counts each time."""

_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1
_MAX_EXACT_FLOAT = 2**53
_MAX_COUNT = 2**31

_OBJECT_KEYWORDS = frozenset({"properties", "required", "additionalProperties", "unevaluatedProperties"})
_ARRAY_KEYWORDS = frozenset({"items", "minItems", "maxItems", "uniqueItems"})
_TEXT_KEYWORDS = frozenset({"minLength", "maxLength", "pattern", "format"})
_BOUND_KEYWORDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_NUMBER_KEYWORDS = _BOUND_KEYWORDS | {"multipleOf"}
_SUPPORTED_KEYWORDS = (
    frozenset({"type", "enum", "const"}) | _OBJECT_KEYWORDS | _ARRAY_KEYWORDS | _TEXT_KEYWORDS | _NUMBER_KEYWORDS
)
_TYPES_BY_KEYWORD = ((_OBJECT_KEYWORDS, "object"), (_ARRAY_KEYWORDS, "array"), (_TEXT_KEYWORDS, "string"))


def object_type(schema: dict[str, Any]) -> Any:
    """Return the type of the objects that a valid schema of a part allows, with `properties` and all inside them.

    Decoding JSON text as this type returns the object as any parser reads it, but for keys that the type does not name,
    or raises msgspec's ValidationError. Raises NotFast where there is no such type.
    """
    return _TypeBuilder(schema).part_type()


class _TypeBuilder:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._count = 0

    def part_type(self) -> Any:
        schema = self._without_reference(without_identifiers(self._root), frozenset())[0]
        if schema is True or "object" not in _types_of(schema) or {"enum", "const"} & schema.keys():
            raise NotFast("a part that is not described as an object, or is listed as a whole")
        return self._object_type(schema, frozenset(), 0)

    def _type_of(self, schema: Schema, entered: frozenset[str], depth: int) -> Any:
        """Return the type of one schema. `entered` are the references that lead to it."""
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_TYPES:
            raise NotFast("a schema that is too large")
        found, entered = self._without_reference(schema, entered)
        if found is True or not found.keys() & VALIDATING_KEYWORDS:
            return Any
        if "enum" in found or "const" in found:
            return _enum_type(found)
        names = _types_of(found)
        if "string" in names and {"array", "object"} & set(names) and {"pattern", "format"} & found.keys():
            raise NotFast("a text with a pattern beside an array or an object")
        members = [self._member(name, found, entered, depth) for name in names]
        return reduce(or_, members)

    def _without_reference(self, schema: Schema, entered: frozenset[str]) -> tuple[Any, frozenset[str]]:
        """Return what a schema that is nothing but a reference refers to, else itself."""
        while isinstance(schema, dict) and "$ref" in schema:
            if schema.keys() & VALIDATING_KEYWORDS != {"$ref"} or schema["$ref"] in entered:
                raise NotFast("a reference with other keywords beside it, or one that leads back to itself")
            entered |= {schema["$ref"]}
            schema = resolve_reference(self._root, schema["$ref"]) or False
        if schema is False:
            raise NotFast("a schema that allows nothing")
        if isinstance(schema, dict):
            refused = (schema.keys() & VALIDATING_KEYWORDS) - _SUPPORTED_KEYWORDS | schema.keys() & UNSUPPORTED_KEYWORDS
            if refused:
                raise NotFast(f"the keywords {', '.join(sorted(refused))}")
        return schema, entered

    def _member(self, name: str, schema: dict[str, Any], entered: frozenset[str], depth: int) -> Any:
        """Return the type of the values of one JSON type that a schema allows."""
        match name:
            case "object":
                return self._object_type(schema, entered, depth)
            case "array":
                return self._array_type(schema, entered, depth)
            case "string":
                return _text_type(schema)
            case "integer":
                return _integer_type(schema)
            case "number":
                return _number_type(schema)
            case "boolean":
                return bool
            case _:
                return None

    def _object_type(self, schema: dict[str, Any], entered: frozenset[str], depth: int) -> Any:
        properties: dict[str, Schema] = schema.get("properties", {})
        others = schema.get("additionalProperties", False)
        if schema.get("unevaluatedProperties", False) is not False:
            raise NotFast("unevaluatedProperties")
        required = set(schema.get("required", ()))
        if not properties and not required and others is not False:
            return dict[str, self._type_of(others, entered, depth + 1)]  # type: ignore[misc]
        members: dict[str, Any] = {}
        for name, child in properties.items():
            if child is False or self._is_deprecated(child, entered):
                continue  # whoever sends it goes the other way
            if not name.isascii():
                raise NotFast("a name that msgspec does not find")
            inner = self._type_of(child, entered, depth + 1)
            members[name] = Required[inner] if name in required else NotRequired[inner]
        if required - members.keys():
            raise NotFast("a required property that is not described, or deprecated")
        return TypedDict(f"Object{self._count}", members)  # type: ignore[operator]

    def _is_deprecated(self, schema: Schema, entered: frozenset[str]) -> bool:
        """Tell whether a property is called deprecated, by itself or where its reference leads."""
        while isinstance(schema, dict):
            if schema.get("deprecated") is True:
                return True
            reference = schema.get("$ref")
            if reference is None or reference in entered:
                return False
            entered |= {reference}
            schema = resolve_reference(self._root, reference) or False
        return False

    def _array_type(self, schema: dict[str, Any], entered: frozenset[str], depth: int) -> Any:
        if schema.get("uniqueItems", False) is not False:
            raise NotFast("uniqueItems")
        items: Any = list[self._type_of(schema.get("items", True), entered, depth + 1)]  # type: ignore[misc]
        bounds = _lengths(schema, "minItems", "maxItems")
        return Annotated[items, Meta(**bounds)] if bounds else items


def _types_of(schema: Mapping[str, Any]) -> list[str]:
    """Return the JSON types that a schema allows; where it names none, the one that its other keywords speak of."""
    types = schema.get("type")
    if types is None:
        spoken_of = [name for keywords, name in _TYPES_BY_KEYWORD if schema.keys() & keywords]
        return spoken_of[:1] or ["number"]
    names = [types] if isinstance(types, str) else list(types)
    return [name for name in names if name != "integer" or "number" not in names]


def _text_type(schema: Mapping[str, Any]) -> Any:
    constraints: dict[str, Any] = _lengths(schema, "minLength", "maxLength")
    patterns = []
    if "pattern" in schema:
        patterns.append(narrow_pattern(schema["pattern"]))
    if isinstance(schema.get("format"), str) and (pattern := narrow_format(schema["format"])) is not None:
        patterns.append(pattern)
    if len(patterns) > 1:
        raise NotFast("a pattern and a format at once")
    if patterns:
        constraints["pattern"] = patterns[0]
    return Annotated[str, Meta(**constraints)] if constraints else str


def _lengths(schema: Mapping[str, Any], least: str, most: str) -> dict[str, Any]:
    found = {}
    for keyword, name in ((least, "min_length"), (most, "max_length")):
        if keyword in schema:
            if not 0 <= schema[keyword] <= _MAX_COUNT:
                raise NotFast(f"{keyword} of very many")
            found[name] = int(schema[keyword])
    return found


def _integer_type(schema: Mapping[str, Any]) -> Any:
    bounds = _integer_bounds(schema)
    factor = schema.get("multipleOf")
    if factor is not None:
        if isinstance(factor, float) or not 0 < factor <= _MAX_EXACT_FLOAT:
            raise NotFast("multipleOf a number that is not whole, or large")
        bounds["multiple_of"] = factor
    return Annotated[int, Meta(**bounds)] if bounds else int


def _integer_bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bounds of the integers that a schema allows, which may be written as fractions."""
    least, most = _MIN_INTEGER, _MAX_INTEGER
    bounds = {keyword: schema[keyword] for keyword in _BOUND_KEYWORDS if keyword in schema}
    for keyword, bound in bounds.items():
        if isinstance(bound, float) and not abs(bound) <= _MAX_EXACT_FLOAT:
            raise NotFast(f"{keyword} past 2^53")
        match keyword:
            case "minimum":
                least = max(least, math.ceil(bound))
            case "exclusiveMinimum":
                least = max(least, math.floor(bound) + 1)
            case "maximum":
                most = min(most, math.floor(bound))
            case _:
                most = min(most, math.ceil(bound) - 1)
    if least > most:
        raise NotFast("bounds that no integer meets")
    found = {"ge": least} if bounds.keys() & {"minimum", "exclusiveMinimum"} else {}
    return found | ({"le": most} if bounds.keys() & {"maximum", "exclusiveMaximum"} else {})


def _number_type(schema: Mapping[str, Any]) -> Any:
    if "multipleOf" in schema:
        raise NotFast("multipleOf")
    names = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
    bounds: dict[str, Any] = {}
    for keyword, name in names.items():
        if keyword in schema:
            if not abs(schema[keyword]) <= _MAX_EXACT_FLOAT:
                raise NotFast(f"{keyword} past 2^53")
            bounds[name] = float(schema[keyword])
    if not bounds:
        return int | float
    if {"ge", "gt"} <= bounds.keys() or {"le", "lt"} <= bounds.keys():
        raise NotFast("two bounds on one side")
    return Annotated[int, Meta(**_integer_bounds(schema))] | Annotated[float, Meta(**bounds)]


def _enum_type(schema: dict[str, Any]) -> Any:
    """Return the type of the listed values that meet the rest of the schema, as far as msgspec tells them apart."""
    listed = schema.get("enum", [schema.get("const")])
    of_scalars = {"type", "enum", "const"} | _TEXT_KEYWORDS | _NUMBER_KEYWORDS
    is_valid = build_validator({keyword: schema[keyword] for keyword in schema.keys() & of_scalars}).is_valid
    values = [value for value in listed if is_valid(value)]
    literals = tuple(value for value in values if _is_literal(value))
    members: list[Any] = [Literal[literals]] if literals else []
    if _holds(values, True) and _holds(values, False):
        members.append(bool)
    if not members:
        raise NotFast("an enum without a text, an integer or null")
    return reduce(or_, members)


def _is_literal(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return value is None or isinstance(value, str) or (isinstance(value, int) and _MIN_INTEGER <= value <= _MAX_INTEGER)


def _holds(values: Iterable[Any], wanted: bool) -> bool:
    return any(value is wanted for value in values)
