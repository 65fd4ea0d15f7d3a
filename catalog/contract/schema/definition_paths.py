"""Definition paths: where a place of an event stands in the schema that describes it."""

from collections.abc import Callable, Sequence
from typing import Any

from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, format_pointer
from catalog.contract.schema.subschemas import Schema, in_place_subschemas, is_schema
from catalog.contract.schema.validator import pattern_matcher


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


def member_test(root: Schema, tokens: Sequence[str | int]) -> Callable[[str | int], bool]:
    """Return a test that tells of a key or an index whether the schema says anything of it in the value at some steps.

    The schema or a branch of it, by name or by a rule for whatever comes (`patternProperties`,
    `additionalProperties`, `items`); what is only forbidden (`false`) is not described. The test is made once for the
    many keys that one object may have.
    """
    schemas: list[Schema] = [root]
    for token in tokens:
        schemas = [each for schema in _in_place(root, schemas) for each in _member_schemas(schema, token)]
    holders = _in_place(root, schemas)
    names = {name for each in holders for name, child in each.get("properties", {}).items() if child is not False}
    patterns = {
        key for each in holders for key, child in each.get("patternProperties", {}).items() if child is not False
    }
    matchers = [pattern_matcher(pattern) for pattern in sorted(patterns)]
    others = [each for each in holders if each.get("additionalProperties", False) is not False]

    def describes(token: str | int) -> bool:
        if isinstance(token, int):
            return any(child is not False for each in holders for child in _member_schemas(each, token))
        if token in names or any(matches(token) for matches in matchers):
            return True
        return any(_member_schemas(each, token) == [each["additionalProperties"]] for each in others)

    return describes


def _in_place(root: Schema, schemas: Sequence[Schema]) -> list[dict[str, Any]]:
    return [each for start in schemas for each in in_place_subschemas(root, start)]


def _member_schemas(schema: dict[str, Any], token: str | int) -> list[Schema]:
    """Return the schemas that hold for a member or an item, where the schema names it or speaks of any."""
    if isinstance(token, int):
        contained = [schema["contains"]] if "contains" in schema else []
        return _item_schemas(schema, token) + contained
    patterns = schema.get("patternProperties", {})
    matching = [each for pattern, each in patterns.items() if pattern_matcher(pattern)(token)]
    named = [schema["properties"][token]] if token in schema.get("properties", {}) else []
    others = [schema["additionalProperties"]] if "additionalProperties" in schema else []
    return named + matching or others


def _item_schemas(schema: dict[str, Any], index: int) -> list[Schema]:
    prefix = schema.get("prefixItems", [])
    if index < len(prefix):
        return [prefix[index]]
    return [schema["items"]] if is_schema(schema.get("items")) else []
