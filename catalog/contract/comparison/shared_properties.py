"""Properties that two schemas describe alike and of which nothing else speaks: proofs are made without them."""

from collections.abc import Iterator
from typing import Any

from catalog.contract.json.equality import json_equal
from catalog.contract.schema.subschemas import (
    has_references,
    same_value_schemas,
    walk_schema,
)

_DEFINITIONS = ("$defs", "definitions")
_SPEAKS_OF_ANY_KEY = frozenset(
    {"const", "enum", "maxProperties", "minProperties", "patternProperties", "propertyNames"}
)
_SPEAKS_OF_OTHER_KEYS = frozenset({"additionalProperties", "unevaluatedProperties"})


def without_shared_properties(
    old: dict[str, Any], new: dict[str, Any], within: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both schemas of a part without the optional properties that say the same in both and stand alone.

    What the new one accepts covers what the old one does (of that what `within` accepts, too) if and only if it does so
    for what is returned: such a property is valid or not in both alike, whatever else an event holds, and without its
    description it is one more key of which nobody speaks. A proof takes the cube of the properties that it reads where
    branches stand beside them, so that a schema of 200 is compared by the few that differ.
    """
    names = _shared_names(old, new)
    if not names or any(_speaks_of_any_key(schema) for schema in (old, new, within)):
        return old, new
    spoken_of = {name for schema in (old, new) for name in _names_elsewhere(schema)} | set(within.get("properties", ()))
    dropped = names - spoken_of
    return _without(old, dropped), _without(new, dropped)


def _shared_names(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    has_same_definitions = all(json_equal(old.get(keyword), new.get(keyword)) for keyword in _DEFINITIONS)
    return {
        name
        for name, schema in before.items()
        if name in after and json_equal(schema, after[name]) and (has_same_definitions or not has_references(schema))
    }


def _speaks_of_any_key(root: dict[str, Any]) -> bool:
    """Tell whether a schema says something of all keys, or of all but those that one of its branches names."""
    references = (each["$ref"] for _, each in walk_schema(root) if isinstance(each, dict) and "$ref" in each)
    if not all(reference.startswith(("#/$defs/", "#/definitions/")) for reference in references):
        return True
    return any(
        schema.keys() & _SPEAKS_OF_ANY_KEY or (schema is not root and schema.keys() & _SPEAKS_OF_OTHER_KEYS)
        for schema in same_value_schemas(root, root)
    )


def _names_elsewhere(root: dict[str, Any]) -> Iterator[str]:
    """Yield the names that a schema says anything of but what their property is."""
    for tokens, schema in walk_schema(root):
        if isinstance(schema, dict):
            yield from schema.get("properties", ()) if tokens else ()
            yield from schema.get("required", ())
            yield from schema.get("dependentSchemas", ())
            for name, names in schema.get("dependentRequired", {}).items():
                yield from (name, *names)


def _without(schema: dict[str, Any], names: set[str]) -> dict[str, Any]:
    kept = {name: each for name, each in schema.get("properties", {}).items() if name not in names}
    return schema | {"properties": kept} if names else schema
