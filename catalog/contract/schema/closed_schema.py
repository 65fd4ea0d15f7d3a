"""The closed reading of a schema: what it does not name is not expected.

An object that does not spell out `additionalProperties` counts as closed. The closed schema says so to the judge:
`additionalProperties: false` where nothing else looks at the object, `unevaluatedProperties: false` where branches
(`allOf`, `anyOf`, `$ref`, …) stand beside its properties. Inside branches nothing is closed, since that would change
which branch a value fits; their objects are closed by the object that they are branches of.
"""

from typing import Any, Literal

from msgspec import Struct

from catalog.contract.schema.subschemas import ANNOTATIONS, SAME_VALUE, Schema, Steps, mapped, resolve, same_value

Mode = Literal["closed", "plain"]

_CLOSED_INNER = frozenset(
    {"properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "items", "prefixItems"}
)
_BRANCHES = (SAME_VALUE - {"not"}) | {"$ref", "dependentSchemas"}


class Closed(Struct, frozen=True):
    """A closed schema, and where it was closed.

    `closures` maps the steps of each keyword that closing added to the names that the schema knows there.
    """

    schema: dict[str, Any]
    closures: dict[Steps, frozenset[str]]


def close(schema: dict[str, Any]) -> Closed:
    """Return the closed reading of a valid schema. What the closed schema accepts, the schema accepts."""
    return _Closer(schema).close()


def speaks_of_objects(root: Schema, schema: Schema) -> bool:
    """Tell whether a schema, or a branch of it, describes an object."""
    return any(_describes_object(found) for found in same_value(root, schema) if isinstance(found, dict))


def _describes_object(schema: dict[str, Any]) -> bool:
    types = schema.get("type")
    return types == "object" or "object" in (types or ()) or "properties" in schema or "patternProperties" in schema


class _Closer:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._closures: dict[Steps, frozenset[str]] = {}
        self._names: dict[tuple[str, Mode], str] = {}
        self._waiting: list[tuple[str, Mode]] = []

    def close(self) -> Closed:
        schema = self._closed(self._root, ())
        assert isinstance(schema, dict)
        definitions: dict[str, Schema] = {}
        while self._waiting:
            reference, mode = self._waiting.pop()
            name = self._names[reference, mode]
            target = resolve(self._root, reference)
            assert target is not None, "the schema was checked for references that name nothing"
            definitions[name] = self._written(target, ("$defs", name), mode)
        if definitions:
            schema["$defs"] = definitions
        return Closed(schema, self._closures)

    def _written(self, schema: Schema, at: Steps, mode: Mode) -> Schema:
        return self._closed(schema, at) if mode == "closed" else self._plain(schema, at)

    def _plain(self, schema: Schema, at: Steps) -> Schema:
        """Copy a schema as it is; only its references are led to where their targets stand now."""
        if not isinstance(schema, dict):
            return schema
        copy = mapped(_without_definitions(schema), lambda steps, child: self._plain(child, at + steps))
        return self._referred(copy, "plain")

    def _closed(self, schema: Schema, at: Steps) -> Schema:
        if not isinstance(schema, dict):
            return schema

        def child_of(steps: Steps, child: Schema) -> Schema:
            return self._written(child, at + steps, "closed" if steps[0] in _CLOSED_INNER else "plain")

        copy = mapped(_without_definitions(schema), child_of)
        if at and schema.keys() - ANNOTATIONS == {"$ref"}:
            return self._referred(copy, "closed")
        copy = self._referred(copy, "plain")
        is_spelled_out = "additionalProperties" in schema or "unevaluatedProperties" in schema
        if not is_spelled_out and (not at or speaks_of_objects(self._root, schema)):
            keyword = "unevaluatedProperties" if _BRANCHES & schema.keys() else "additionalProperties"
            copy[keyword] = False
            self._closures[(*at, keyword)] = self._known(schema)
        return copy

    def _referred(self, copy: dict[str, Any], mode: Mode) -> dict[str, Any]:
        reference = copy.get("$ref")
        if reference is None:
            return copy
        if (reference, mode) not in self._names:
            self._names[reference, mode] = f"{mode}{len(self._names)}"
            self._waiting.append((reference, mode))
        return copy | {"$ref": f"#/$defs/{self._names[reference, mode]}"}

    def _known(self, schema: dict[str, Any]) -> frozenset[str]:
        branches = [found for found in same_value(self._root, schema) if isinstance(found, dict)]
        return frozenset(name for branch in branches for name in branch.get("properties", {}))


def _without_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only references lead to, and the anchors, whose targets get names of their own."""
    left_out = ("$defs", "definitions", "$anchor", "$schema", "$id")
    return {keyword: value for keyword, value in schema.items() if keyword not in left_out}
