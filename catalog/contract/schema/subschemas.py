"""How JSON Schema (draft 2020-12) nests: where subschemas stand, what references mean, what are words only."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from catalog.contract.json.pointers import tokens_of

Schema = dict[str, Any] | bool
Steps = tuple[str | int, ...]

MEMBER_MAPS = frozenset({"properties", "patternProperties"})
"""Keywords whose value maps names to the schemas of members."""

OTHER_MAPS = frozenset({"dependentSchemas", "$defs", "definitions"})
"""Keywords whose value maps names to schemas of something else."""

INNER = frozenset({"additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems", "contains"})
"""Keywords whose value is the schema of members or items."""

SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
"""Keywords whose schemas look at the very value that their own schema looks at."""

SINGLE = INNER | {"propertyNames", "not", "if", "then", "else", "contentSchema"}
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})

ANNOTATIONS = frozenset(
    {"title", "description", "examples", "default", "deprecated", "readOnly", "writeOnly", "$comment", "$schema"}
)
"""Keywords that are words for people: they change no verdict."""

UNSUPPORTED = frozenset({"$id", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary"})
"""Keywords that change what references mean; a definition stands alone and needs none of them."""


def children(schema: Schema) -> Iterator[tuple[Steps, Schema]]:
    """Yield each direct subschema with the steps that lead to it, in the order of the document."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in SINGLE:
            if is_schema(value):
                yield (keyword,), value
        elif keyword in LISTS:
            if isinstance(value, list):
                yield from (((keyword, at), item) for at, item in enumerate(value) if is_schema(item))
        elif (keyword in MEMBER_MAPS or keyword in OTHER_MAPS) and isinstance(value, dict):
            yield from (((keyword, name), item) for name, item in value.items() if is_schema(item))


def everywhere(schema: Schema, steps: Steps = ()) -> Iterator[tuple[Steps, Schema]]:
    """Yield a schema and every schema inside it, outer ones first."""
    yield steps, schema
    for inner, child in children(schema):
        yield from everywhere(child, steps + inner)


def is_schema(value: Any) -> bool:
    """Tell whether a value has the shape of a schema: an object or a boolean."""
    return isinstance(value, dict | bool)


def mapped(schema: Schema, change: Callable[[Steps, Schema], Schema]) -> dict[str, Any]:
    """Return a copy of an object schema with `change(steps, child)` in the place of each direct subschema."""
    assert isinstance(schema, dict)
    copy = dict(schema)
    for steps, child in children(schema):
        keyword = str(steps[0])
        changed = change(steps, child)
        if len(steps) == 1:
            copy[keyword] = changed
            continue
        if copy[keyword] is schema[keyword]:
            copy[keyword] = schema[keyword].copy()
        copy[keyword][steps[1]] = changed
    return copy


def resolve(root: Schema, reference: Any) -> Schema | None:
    """Return what a local reference (`#`, `#/pointer`, `#anchor`) names in a schema, or None where it names nothing."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        anchored = (found for _, found in everywhere(root) if isinstance(found, dict))
        return next((found for found in anchored if found.get("$anchor") == fragment), None)
    found: Any = root
    for token in tokens_of(fragment):
        if isinstance(found, dict) and token in found:
            found = found[token]
        elif isinstance(found, list) and token.isdecimal() and int(token) < len(found):
            found = found[int(token)]
        else:
            return None
    return found if is_schema(found) else None


def same_value(root: Schema, schema: Schema) -> Iterator[Schema]:
    """Yield a schema and those that look at the same value with it: branches and targets of references, each once.

    What stands under `not` is left out, since it says what the value is not.
    """
    waiting, seen = [schema], set()
    while waiting:
        at_hand = waiting.pop(0)
        if id(at_hand) in seen or not isinstance(at_hand, dict):
            continue
        seen.add(id(at_hand))
        yield at_hand
        target = resolve(root, at_hand["$ref"]) if "$ref" in at_hand else None
        if target is not None:
            waiting.append(target)
        waiting += [
            child
            for steps, child in children(at_hand)
            if (steps[0] in SAME_VALUE and steps[0] != "not") or steps[0] == "dependentSchemas"
        ]


def is_recursive(root: Schema) -> bool:
    """Tell whether a schema leads back to itself by references, so that it goes as deep as a value does."""
    finished: set[str] = set()
    open_: list[tuple[str, Iterator[str]]] = [("#", _references(root))]
    path = {"#"}
    while open_:
        reference, targets = open_[-1]
        target = next(targets, None)
        if target is None:
            open_.pop()
            path.discard(reference)
            finished.add(reference)
        elif target in path:
            return True
        elif target not in finished:
            path.add(target)
            open_.append((target, _references(resolve(root, target) or True)))
    return False


def _references(schema: Schema) -> Iterator[str]:
    """Yield the references that hold for values of a schema; definitions count only where one leads to them."""
    waiting = [schema]
    while waiting:
        at_hand = waiting.pop()
        if isinstance(at_hand, dict) and isinstance(at_hand.get("$ref"), str):
            yield at_hand["$ref"]
        waiting += [child for steps, child in children(at_hand) if steps[0] not in ("$defs", "definitions")]
