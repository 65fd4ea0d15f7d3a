"""Definition paths: where a place of an event stands in the schema that describes it."""

from collections.abc import Sequence
from typing import Any

from catalog.contract.json.pointers import INDEX, UNKNOWN, pointer
from catalog.contract.schema.subschemas import Schema, is_schema, same_value


def definition_path(root: Schema | None, tokens: Sequence[str | int], *, below: str) -> str:
    """Return the path with `*` for indices and `?` for keys that the schema does not name.

    `tokens` are the keys and indices that lead from the part of the event that `root` describes; None for
    `root` means that nothing is known of any key.
    """
    steps: list[str] = []
    at_hand: list[Schema] = [] if root is None else [root]
    for token in tokens:
        found: list[Schema] = []
        is_known = isinstance(token, int)
        for schema in (each for start in at_hand for each in same_value(root or {}, start)):
            assert isinstance(schema, dict)
            if isinstance(token, int):
                found += _items(schema, token)
                continue
            properties = schema.get("properties", {})
            is_known = is_known or token in properties or token in schema.get("required", ())
            if token in properties:
                found.append(properties[token])
            elif is_schema(schema.get("additionalProperties")):
                found.append(schema["additionalProperties"])
            found += schema.get("patternProperties", {}).values()
        steps.append(INDEX if isinstance(token, int) else token if is_known else UNKNOWN)
        at_hand = found
    return pointer(steps, below=below)


def _items(schema: dict[str, Any], index: int) -> list[Schema]:
    prefix = schema.get("prefixItems", [])
    if index < len(prefix):
        return [prefix[index]]
    return [schema["items"]] if is_schema(schema.get("items")) else []
