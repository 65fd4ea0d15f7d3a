"""Which properties a schema calls deprecated, so that an event that still carries one can be told."""

from collections.abc import Iterator

from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY
from catalog.contract.schema.subschemas import Schema, unconditional_subschemas, walk_schema

MAX_DEPTH = 12
MAX_PATHS = 100
"""How many deprecated properties of one part are looked for in each event."""


def deprecated_properties(root: Schema) -> tuple[tuple[str, ...], ...]:
    """Return the definition paths of the properties that a valid schema calls deprecated, without the part's name.

    References and `allOf` are followed. What stands in a branch (`anyOf`, `if`, …) holds for some values alone, so it
    is left out, and so are names that only a pattern gives.
    """
    if not any(isinstance(inner, dict) and inner.get("deprecated") is True for _, inner in walk_schema(root)):
        return ()
    found: dict[tuple[str, ...], None] = {}
    for path in _paths_below(root, root, (), frozenset()):
        found.setdefault(path)
        if len(found) == MAX_PATHS:
            break
    return tuple(found)


def _paths_below(
    root: Schema, schema: Schema, tokens: tuple[str, ...], entered: frozenset[int]
) -> Iterator[tuple[str, ...]]:
    if len(tokens) >= MAX_DEPTH or id(schema) in entered:
        return
    inside = entered | {id(schema)}
    for each in unconditional_subschemas(root, schema):
        for name, child in each.get("properties", {}).items():
            path = (*tokens, name)
            if any(inner.get("deprecated") is True for inner in unconditional_subschemas(root, child)):
                yield path
            else:
                yield from _paths_below(root, child, path, inside)
        if "prefixItems" not in each and isinstance(each.get("items"), dict):
            yield from _paths_below(root, each["items"], (*tokens, ANY_INDEX), inside)
        if "properties" not in each and isinstance(each.get("additionalProperties"), dict):
            yield from _paths_below(root, each["additionalProperties"], (*tokens, UNKNOWN_KEY), inside)
