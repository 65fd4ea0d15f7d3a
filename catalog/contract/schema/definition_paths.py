"""Definition paths: where a place of an event stands in the schema that describes it."""

from collections.abc import Sequence
from typing import Any

from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, format_pointer
from catalog.contract.schema.subschemas import Schema, in_place_subschemas, is_schema


def definition_path(root: Schema | None, tokens: Sequence[str | int], *, prefix: str) -> str:
    """Return the path with `*` for indices and `?` for keys that the schema does not name.

    `tokens` are the keys and indices that lead from the part of the event that `root` describes; None for
    `root` means that nothing is known of any key.
    """
    result: list[str] = []
    schemas: list[Schema] = [] if root is None else [root]
    for token in tokens:
        next_schemas: list[Schema] = []
        is_known = isinstance(token, int)
        for schema in (each for start in schemas for each in in_place_subschemas(root or {}, start)):
            assert isinstance(schema, dict)
            if isinstance(token, int):
                next_schemas += _item_schemas(schema, token)
                continue
            properties = schema.get("properties", {})
            is_known = is_known or token in properties or token in schema.get("required", ())
            if token in properties:
                next_schemas.append(properties[token])
            elif is_schema(schema.get("additionalProperties")):
                next_schemas.append(schema["additionalProperties"])
            next_schemas += schema.get("patternProperties", {}).values()
        result.append(ANY_INDEX if isinstance(token, int) else token if is_known else UNKNOWN_KEY)
        schemas = next_schemas
    return format_pointer(result, prefix=prefix)


def _item_schemas(schema: dict[str, Any], index: int) -> list[Schema]:
    prefix = schema.get("prefixItems", [])
    if index < len(prefix):
        return [prefix[index]]
    return [schema["items"]] if is_schema(schema.get("items")) else []
