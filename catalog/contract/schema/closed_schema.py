"""The closed reading of a schema: what it does not name is not expected.

An object that does not spell out `additionalProperties` counts as closed. The closed schema says so to the validator:
`additionalProperties: false` where nothing else looks at the object, `unevaluatedProperties: false` where branches
(`allOf`, `anyOf`, `$ref`, …) stand beside its properties. Inside branches nothing is closed, since that would change
which branch a value fits; their objects are closed by the object that they are branches of. Nor is anything
closed inside `unevaluatedProperties` and `unevaluatedItems`: the validator does not tell which key inside it refuses.
"""

from typing import Any, Literal

from msgspec import Struct

from catalog.contract.schema.subschemas import (
    IN_PLACE_APPLICATORS,
    VALIDATING_KEYWORDS,
    Schema,
    Tokens,
    in_place_subschemas,
    map_subschemas,
    resolve_reference,
)

CopyMode = Literal["closed", "plain"]

_CLOSED_KEYWORDS = frozenset({"properties", "patternProperties", "additionalProperties", "items", "prefixItems"})
_BRANCHING_KEYWORDS = (IN_PLACE_APPLICATORS - {"not"}) | {"$ref", "dependentSchemas"}


class ClosedSchema(Struct, frozen=True):
    """A closed schema, and the path of each keyword that closing added."""

    schema: dict[str, Any]
    closing_locations: frozenset[Tokens]


def close_schema(schema: dict[str, Any]) -> ClosedSchema:
    """Return the closed reading of a valid schema. What the closed schema accepts, the schema accepts."""
    return _SchemaCloser(schema).close()


def describes_object(root: Schema, schema: Schema) -> bool:
    """Tell whether a schema, or a branch of it, describes an object."""
    return any(_has_object_keywords(found) for found in in_place_subschemas(root, schema) if isinstance(found, dict))


def _has_object_keywords(schema: dict[str, Any]) -> bool:
    types = schema.get("type")
    return types == "object" or "object" in (types or ()) or "properties" in schema or "patternProperties" in schema


class _SchemaCloser:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._closing_locations: set[Tokens] = set()
        self._definition_names: dict[tuple[str, CopyMode], str] = {}
        self._pending_references: list[tuple[str, CopyMode]] = []
        self._plain_copies: dict[int, dict[str, Any]] = {}

    def close(self) -> ClosedSchema:
        schema = self._close_copy(self._root, ())
        assert isinstance(schema, dict)
        definitions: dict[str, Schema] = {}
        while self._pending_references:
            reference, mode = self._pending_references.pop()
            name = self._definition_names[reference, mode]
            target = resolve_reference(self._root, reference)
            assert target is not None, "the schema was checked for references that name nothing"
            definitions[name] = self._copy(target, ("$defs", name), mode)
        if definitions:
            schema["$defs"] = definitions
        return ClosedSchema(schema, frozenset(self._closing_locations))

    def _copy(self, schema: Schema, tokens: Tokens, mode: CopyMode) -> Schema:
        return self._close_copy(schema, tokens) if mode == "closed" else self._plain_copy(schema)

    def _plain_copy(self, schema: Schema) -> Schema:
        """Copy a schema as it is; only its references are changed to where their targets are now.

        What stands at several places as one object is one object in the copy, too.
        """
        if not isinstance(schema, dict):
            return schema
        if id(schema) not in self._plain_copies:
            copy = map_subschemas(_without_definitions(schema), lambda _tokens, child: self._plain_copy(child))
            self._plain_copies[id(schema)] = self._retarget_reference(copy, "plain")
        return self._plain_copies[id(schema)]

    def _close_copy(self, schema: Schema, tokens: Tokens) -> Schema:
        if not isinstance(schema, dict):
            return schema

        def child_of(steps: Tokens, child: Schema) -> Schema:
            return self._copy(child, tokens + steps, "closed" if steps[0] in _CLOSED_KEYWORDS else "plain")

        copy = map_subschemas(_without_definitions(schema), child_of)
        if tokens and schema.keys() & VALIDATING_KEYWORDS == {"$ref"}:
            return self._retarget_reference(copy, "closed")
        copy = self._retarget_reference(copy, "plain")
        is_explicit = "additionalProperties" in schema or "unevaluatedProperties" in schema
        if not is_explicit and (not tokens or describes_object(self._root, schema)):
            keyword = "unevaluatedProperties" if _BRANCHING_KEYWORDS & schema.keys() else "additionalProperties"
            copy[keyword] = False
            self._closing_locations.add((*tokens, keyword))
        return copy

    def _retarget_reference(self, copy: dict[str, Any], mode: CopyMode) -> dict[str, Any]:
        reference = copy.get("$ref")
        if reference is None:
            return copy
        if (reference, mode) not in self._definition_names:
            self._definition_names[reference, mode] = f"{mode}{len(self._definition_names)}"
            self._pending_references.append((reference, mode))
        return copy | {"$ref": f"#/$defs/{self._definition_names[reference, mode]}"}


def _without_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without its `$defs` and anchors: the targets of references are copied under new names."""
    omitted = ("$defs", "definitions", "$anchor", "$schema", "$id")
    return {keyword: value for keyword, value in schema.items() if keyword not in omitted}
