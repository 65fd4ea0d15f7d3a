"""The `sensitivity` annotations of a definition document, by definition path."""

from collections.abc import Iterator
from typing import Any

from catalog.choices import Sensitivity
from catalog.contract import part_schemas
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, escape_token
from catalog.contract.schema.subschemas import Schema, in_place_subschemas, walk_schema
from catalog.contract.schema.validator import pattern_matcher

SENSITIVITY_KEYWORD = "sensitivity"
MAX_DEPTH = 50
MAX_SCHEMAS = 20_000
"""How many places of one part are looked at one by one; past them, and past the depth, a branch has one sensitivity."""

_ITEM_KEYWORDS = ("items", "unevaluatedItems", "contains")
_TYPES_WITH_MEMBERS = frozenset({"object", "array"})
_ABOUT_THE_WHOLE = ("propertyNames", "contentSchema")
_SHARED_STEPS = frozenset({ANY_INDEX, UNKNOWN_KEY})
_OTHER_KEY_KEYWORDS = ("additionalProperties", "unevaluatedProperties")


def sensitivity_annotations(definition: dict[str, Any]) -> dict[str, Sensitivity]:
    """Return what a valid definition declares, by definition path, such as `{"/properties/products/*/sku": "none"}`.

    References, branches (`allOf`, `anyOf`, …), items and keys that match no name (`?`) are followed. What a pattern or
    `additionalProperties` hides is hidden under the names that it applies to, too. Where several schemas describe one
    path the strictest sensitivity counts, and a value that is not known is the strictest. Where a schema leads back to
    itself, what any part of it hides is hidden from there on downwards. What hides the keys of an object
    (`propertyNames`) hides all of it, and what hides anything in the content of a text (`contentSchema`) hides the
    text. Keywords of older drafts (`dependencies`, `additionalItems`) can hide but not show. A property whose own name
    is `?` or `*` shares its path with all other keys or items, so what is declared of it can hide but not show.
    """
    sensitivities: dict[str, Sensitivity] = {}
    for part, schema in part_schemas(definition).items():
        if any(SENSITIVITY_KEYWORD in inner for inner in _all_schemas(schema)):
            for path, value in _AnnotationWalk(schema).annotations_below(schema, f"/{part}", ()):
                sensitivities[path] = Sensitivity.strictest([value, sensitivities.get(path, value)])
    return sensitivities


def scalar_paths(definition: dict[str, Any]) -> frozenset[str]:
    """Return the definition paths at which a valid definition expects neither an object nor an array, by `type`."""
    found: set[str] = set()
    for part, schema in part_schemas(definition).items():
        walk = _AnnotationWalk(schema)
        for _ in walk.annotations_below(schema, f"/{part}", ()):
            pass
        found |= walk.scalar_paths
    return frozenset(found)


class _AnnotationWalk:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self.scalar_paths: set[str] = set()
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
        types = {name for each in schemas for name in _type_names(each)}
        if types and types.isdisjoint(_TYPES_WITH_MEMBERS):
            self.scalar_paths.add(path)
        is_cut = len(path.split("/")) > MAX_DEPTH or self._remaining_schemas < 0
        if is_cut or any(id(each) in ancestors for each in schemas):
            yield from ((path, value) for value in self._annotations_in_root() if value.hides)
            return
        ancestors = (*ancestors, *map(id, schemas))
        for each in schemas:
            for child, step in _children(each):
                yield from self.annotations_below(child, f"{path}/{step}", ancestors)
        for child, step in self._children_that_hide_only(schemas):
            below = self.annotations_below(child, f"{path}/{step}", ancestors)
            yield from ((child_path, value) for child_path, value in below if value.hides)
        for each in schemas:
            for child, step in _children_of_older_drafts(each):
                below = self.annotations_below(child, f"{path}{step}", ancestors)
                yield from ((child_path, value) for child_path, value in below if value.hides)
            for child in (each[keyword] for keyword in _ABOUT_THE_WHOLE if isinstance(each.get(keyword), dict)):
                below = self.annotations_below(child, path, ancestors)
                yield from ((path, value) for _, value in below if value.hides)

    def _children_that_hide_only(self, schemas: list[dict[str, Any]]) -> Iterator[tuple[Schema, str]]:
        """Yield schemas that count for a path besides those that are written there, each with its last step."""
        names = list(dict.fromkeys(name for each in schemas for name in _object(each.get("properties"))))
        for name in _SHARED_STEPS.intersection(names):
            yield from ((each["properties"][name], name) for each in schemas if name in _object(each.get("properties")))
        for each in schemas:
            patterns = [
                (pattern_matcher(pattern), child) for pattern, child in _object(each.get("patternProperties")).items()
            ]
            other = each.get("additionalProperties")
            if not patterns and not isinstance(other, dict):
                continue
            for name in names:
                self._remaining_schemas -= len(patterns)
                matching = [child for matches, child in patterns if matches(name)]
                if not matching and isinstance(other, dict) and name not in _object(each.get("properties")):
                    matching = [other]
                yield from ((child, escape_token(name)) for child in matching if isinstance(child, dict))

    def _annotations_in_root(self) -> Iterator[Sensitivity]:
        for schema in _all_schemas(self._root):
            if SENSITIVITY_KEYWORD in schema:
                yield Sensitivity.parse(schema[SENSITIVITY_KEYWORD])


def _children(schema: dict[str, Any]) -> Iterator[tuple[Schema, str]]:
    """Yield the schemas of members and items, each with the last step of its definition path."""
    for name, child in _object(schema.get("properties")).items():
        if name not in _SHARED_STEPS:
            yield child, escape_token(name)
    for child in (
        *(schema.get(keyword) for keyword in _OTHER_KEY_KEYWORDS),
        *_object(schema.get("patternProperties")).values(),
    ):
        if isinstance(child, dict):
            yield child, UNKNOWN_KEY
    prefix_items = schema.get("prefixItems")
    for child in (
        *(schema.get(keyword) for keyword in _ITEM_KEYWORDS),
        *(prefix_items if isinstance(prefix_items, list) else ()),
    ):
        if isinstance(child, dict):
            yield child, ANY_INDEX


def _children_of_older_drafts(schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the schemas under keywords that this draft does not have, each with what it adds to the definition path."""
    for child in _object(schema.get("dependencies")).values():
        if isinstance(child, dict):
            yield child, ""
    if isinstance(child := schema.get("additionalItems"), dict):
        yield child, f"/{ANY_INDEX}"


def _all_schemas(schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield a schema and all that lie in it, those under keywords of older drafts too, without the boolean ones."""
    for _, inner in walk_schema(schema):
        if isinstance(inner, dict):
            yield inner
            for child, _step in _children_of_older_drafts(inner):
                yield from _all_schemas(child)


def _type_names(schema: dict[str, Any]) -> list[Any]:
    names = schema.get("type", [])
    return names if isinstance(names, list) else [names]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
