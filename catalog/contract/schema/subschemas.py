"""How JSON Schema (draft 2020-12) nests: where subschemas are, what references mean, which keywords are annotations."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from catalog.contract.json.pointers import parse_pointer, value_at

Schema = dict[str, Any] | bool
Tokens = tuple[str | int, ...]

PROPERTY_SCHEMA_MAPS = frozenset({"properties", "patternProperties"})
"""Keywords whose value maps names to the schemas of members."""

OTHER_SCHEMA_MAPS = frozenset({"dependentSchemas", "$defs", "definitions"})
"""Keywords whose value maps names to schemas of something else."""

CHILD_APPLICATORS = frozenset(
    {"additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems", "contains"}
)
"""Keywords whose value is the schema of members or items."""

IN_PLACE_APPLICATORS = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
"""Keywords whose schemas apply to the same value as the schema that holds them."""

_SAME_VALUE = IN_PLACE_APPLICATORS | {"dependentSchemas"}

SINGLE_SCHEMA_KEYWORDS = CHILD_APPLICATORS | {"propertyNames", "not", "if", "then", "else", "contentSchema"}
SCHEMA_LIST_KEYWORDS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})

ANNOTATIONS = frozenset(
    {"title", "description", "examples", "default", "deprecated", "readOnly", "writeOnly", "$comment", "$schema"}
)
"""Keywords that are annotations for people: they change no verdict."""

VALIDATING_KEYWORDS = frozenset(
    {
        *PROPERTY_SCHEMA_MAPS,
        *SCHEMA_LIST_KEYWORDS,
        *(SINGLE_SCHEMA_KEYWORDS - {"contentSchema"}),
        *("$ref", "const", "dependencies", "dependentRequired", "dependentSchemas", "enum", "format", "type"),
        *("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"),
        *("maxContains", "maxItems", "maxLength", "maxProperties"),
        *("minContains", "minItems", "minLength", "minProperties"),
        *("pattern", "required", "uniqueItems"),
    }
)
"""Keywords that the validator reads. Whatever else a schema says (a vendor's or people's words) decides nothing."""

UNSUPPORTED_KEYWORDS = frozenset(
    {"$id", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary"}
)
"""Keywords that change what references mean; a definition stands alone and needs none of them."""


def direct_subschemas(schema: Schema) -> Iterator[tuple[Tokens, Schema]]:
    """Yield each direct subschema with the steps that lead to it, in the order of the document."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in SINGLE_SCHEMA_KEYWORDS:
            if is_schema(value):
                yield (keyword,), value
        elif keyword in SCHEMA_LIST_KEYWORDS:
            if isinstance(value, list):
                yield from (((keyword, index), item) for index, item in enumerate(value) if is_schema(item))
        elif (keyword in PROPERTY_SCHEMA_MAPS or keyword in OTHER_SCHEMA_MAPS) and isinstance(value, dict):
            yield from (((keyword, name), item) for name, item in value.items() if is_schema(item))


def walk_schema(schema: Schema, tokens: Tokens = ()) -> Iterator[tuple[Tokens, Schema]]:
    """Yield a schema and every schema inside it, outer ones first."""
    yield tokens, schema
    for child_tokens, child in direct_subschemas(schema):
        yield from walk_schema(child, tokens + child_tokens)


def distinct_schemas(root: Schema) -> Iterator[dict[str, Any]]:
    """Yield the object schemas of a schema, itself among them: one object once, at however many places it stands."""
    return _each_once(root, lambda schema: [child for _tokens, child in direct_subschemas(schema)])


def has_references(schema: Schema) -> bool:
    """Tell whether a schema, or one inside it, refers to another."""
    return any("$ref" in each for each in distinct_schemas(schema))


def is_schema(value: Any) -> bool:
    """Tell whether a value has the shape of a schema: an object or a boolean."""
    return isinstance(value, dict | bool)


def map_subschemas(schema: Schema, transform: Callable[[Tokens, Schema], Schema]) -> dict[str, Any]:
    """Return a copy of an object schema with each direct subschema replaced by `transform(tokens, child)`."""
    assert isinstance(schema, dict)
    copy = dict(schema)
    for tokens, child in direct_subschemas(schema):
        keyword = str(tokens[0])
        transformed = transform(tokens, child)
        if len(tokens) == 1:
            copy[keyword] = transformed
            continue
        if copy[keyword] is schema[keyword]:
            copy[keyword] = schema[keyword].copy()
        copy[keyword][tokens[1]] = transformed
    return copy


def resolve_reference(root: Schema, reference: Any) -> Schema | None:
    """Return what a local reference (`#`, `#/pointer`, `#anchor`) names in a schema, or None where it names nothing."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        anchored = (target for _, target in walk_schema(root) if isinstance(target, dict))
        return next((target for target in anchored if target.get("$anchor") == fragment), None)
    target = value_at(root, parse_pointer(fragment))
    return target if is_schema(target) else None


def in_place_subschemas(root: Schema, schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield a schema and those that apply to the same value: branches and targets of references, each once.

    The schema under `not` is left out, since it says what the value is not. Branches come in one order whatever
    that of the members is, which the database does not keep.
    """

    def following(current: dict[str, Any]) -> list[Schema]:
        branches = [
            (tokens, child)
            for tokens, child in direct_subschemas(current)
            if tokens[0] in _SAME_VALUE and tokens[0] != "not"
        ]
        return [*_targets(root, current), *(child for _, child in sorted(branches, key=_branch_sort_key))]

    return _each_once(schema, following)


def unconditional_subschemas(root: Schema, schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield a schema and those that hold for the same value whatever it is (`allOf`, references), each once."""

    def following(current: dict[str, Any]) -> list[Schema]:
        return [*filter(is_schema, current.get("allOf", ())), *_targets(root, current)]

    return _each_once(schema, following)


def same_value_schemas(root: Schema, schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield a schema and whatever else in it looks at the same value, also what the value must not be, each once."""

    def following(current: dict[str, Any]) -> list[Schema]:
        branches = [child for tokens, child in direct_subschemas(current) if tokens[0] in _SAME_VALUE]
        return [*branches, *_targets(root, current)]

    return _each_once(schema, following)


def _targets(root: Schema, schema: dict[str, Any]) -> list[Schema]:
    """Return what a schema's reference names, in a list; none where it has none or it leads nowhere."""
    target = resolve_reference(root, schema["$ref"]) if "$ref" in schema else None
    return [] if target is None else [target]


def _each_once(schema: Schema, following: Callable[[dict[str, Any]], list[Schema]]) -> Iterator[dict[str, Any]]:
    """Yield a schema and all that `following` leads to, nearest first, each once."""
    pending, seen = deque([schema]), set()
    while pending:
        current = pending.popleft()
        if id(current) in seen or not isinstance(current, dict):
            continue
        seen.add(id(current))
        yield current
        pending += following(current)


def _branch_sort_key(branch: tuple[Tokens, Schema]) -> tuple[str, ...]:
    """Return the names in a branch's steps; branches of one list keep their order."""
    return tuple(token for token in branch[0] if isinstance(token, str))


def is_recursive(root: Schema) -> bool:
    """Tell whether a schema leads back to itself by references, so that it goes as deep as a value does."""
    finished: set[str] = set()
    stack: list[tuple[str, Iterator[str]]] = [("#", _references(root))]
    active = {"#"}
    while stack:
        reference, targets = stack[-1]
        target = next(targets, None)
        if target is None:
            stack.pop()
            active.discard(reference)
            finished.add(reference)
        elif target in active:
            return True
        elif target not in finished:
            active.add(target)
            stack.append((target, _references(resolve_reference(root, target) or True)))
    return False


def _references(schema: Schema) -> Iterator[str]:
    """Yield the references that hold for values of a schema; definitions count only where one leads to them."""
    pending = [schema]
    while pending:
        current = pending.pop()
        if isinstance(current, dict) and isinstance(current.get("$ref"), str):
            yield current["$ref"]
        pending += [child for tokens, child in direct_subschemas(current) if tokens[0] not in ("$defs", "definitions")]
