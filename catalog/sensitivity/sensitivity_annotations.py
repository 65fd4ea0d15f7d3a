"""The `sensitivity` annotations of a definition document, by definition path."""

from collections.abc import Iterator
from typing import Any

from catalog.choices import Sensitivity
from catalog.contract import part_schemas
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, escape_token
from catalog.contract.schema.subschemas import Schema, in_place_subschemas, walk_schema

SENSITIVITY_KEYWORD = "sensitivity"
MAX_DEPTH = 50
MAX_SCHEMAS = 20_000
"""How many places of one part are looked at one by one; past them, and past the depth, a branch has one sensitivity."""

_ITEM_KEYWORDS = ("items", "unevaluatedItems", "contains")
_OTHER_KEY_KEYWORDS = ("additionalProperties", "unevaluatedProperties")


def sensitivity_annotations(definition: dict[str, Any]) -> dict[str, Sensitivity]:
    """Return what a valid definition declares, by definition path, such as `{"/properties/products/*/sku": "none"}`.

    References, branches (`allOf`, `anyOf`, …), items and keys that match no name (`?`) are followed. Where several
    schemas describe one path the strictest sensitivity counts, and a value that is not known is the strictest. Where
    a schema leads back to itself, what any part of it hides is hidden from there on downwards.
    """
    sensitivities: dict[str, Sensitivity] = {}
    for part, schema in part_schemas(definition).items():
        if any(isinstance(inner, dict) and SENSITIVITY_KEYWORD in inner for _, inner in walk_schema(schema)):
            for path, value in _AnnotationWalk(schema).annotations_below(schema, f"/{part}", ()):
                sensitivities[path] = Sensitivity.strictest([value, sensitivities.get(path, value)])
    return sensitivities


class _AnnotationWalk:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._remaining_schemas = MAX_SCHEMAS

    def annotations_below(
        self, schema: Schema, path: str, ancestors: tuple[int, ...]
    ) -> Iterator[tuple[str, Sensitivity]]:
        """Yield what is annotated at a path and below. `ancestors` are the identities of the schemas that led here."""
        schemas = [each for each in in_place_subschemas(self._root, schema) if isinstance(each, dict)]
        self._remaining_schemas -= len(schemas)
        for each in schemas:
            if SENSITIVITY_KEYWORD in each:
                yield path, Sensitivity.parse(each[SENSITIVITY_KEYWORD])
        is_cut = len(path.split("/")) > MAX_DEPTH or self._remaining_schemas < 0
        if is_cut or any(id(each) in ancestors for each in schemas):
            yield from ((path, value) for value in self._annotations_in_root() if value.hides)
            return
        ancestors = (*ancestors, *map(id, schemas))
        for each in schemas:
            for child, child_path in _children(each, path):
                yield from self.annotations_below(child, child_path, ancestors)

    def _annotations_in_root(self) -> Iterator[Sensitivity]:
        for _, schema in walk_schema(self._root):
            if isinstance(schema, dict) and SENSITIVITY_KEYWORD in schema:
                yield Sensitivity.parse(schema[SENSITIVITY_KEYWORD])


def _children(schema: dict[str, Any], path: str) -> Iterator[tuple[Schema, str]]:
    """Yield the schemas of members and items, each with its definition path."""
    for name, child in _object(schema.get("properties")).items():
        yield child, f"{path}/{escape_token(name)}"
    for child in (
        *(schema.get(keyword) for keyword in _OTHER_KEY_KEYWORDS),
        *_object(schema.get("patternProperties")).values(),
    ):
        if isinstance(child, dict):
            yield child, f"{path}/{UNKNOWN_KEY}"
    prefix_items = schema.get("prefixItems")
    for child in (
        *(schema.get(keyword) for keyword in _ITEM_KEYWORDS),
        *(prefix_items if isinstance(prefix_items, list) else ()),
    ):
        if isinstance(child, dict):
            yield child, f"{path}/{ANY_INDEX}"


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
