"""Which properties of a definition are counted, and where they stand: made once for each version.

At most 200 properties, with at most 50 listed values each. What is below a key that the definition does not name (`?`)
is not counted: a map of ids would be a property for each of them.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from msgspec import Struct

from catalog.contract import PropertySummary, list_properties
from catalog.contract.definition.definition_document import Document
from catalog.contract.json.pointers import (
    ANY_INDEX,
    MAX_POINTER_LENGTH,
    MAX_TOKEN_LENGTH,
    UNKNOWN_KEY,
    parse_pointer,
)
from catalog.contract.json.text import json_text
from catalog.models import Version

MAX_PROPERTIES = 200
MAX_LISTED_VALUES = 50
MAX_PLANS = 4_096

Scalar = str | int | float | bool


class ScalarKey(NamedTuple):
    """A scalar that is no text as it is looked up: true is not 1, and 1.0 is."""

    is_boolean: bool
    value: int | float


class PropertyPlan(Struct, frozen=True):
    """How one property is counted. `position` is its place among the paths of the plan.

    `listed_values` are the JSON texts of the values that the definition lists, by the value; None where it lists none.
    """

    position: int
    key: str
    listed_values: Mapping[str | ScalarKey, str] | None
    members: "ObjectPlan | None" = None
    items: "ObjectPlan | None" = None


class ObjectPlan(Struct, frozen=True):
    """The properties of one object, or of each item of a list. `position` is its place among the objects."""

    position: int
    properties: tuple[PropertyPlan, ...]


class ProfilePlan(Struct, frozen=True):
    """What is counted of the events of one version: `parts` are the objects by the part of the event they stand in.

    `paths` are the definition paths by position, `parents` the position of the object that each stands in.
    """

    parts: tuple[tuple[str, ObjectPlan], ...]
    paths: tuple[str, ...]
    parents: tuple[int, ...]
    object_count: int


@lru_cache(maxsize=MAX_PLANS)
def profile_plan(version_id: int) -> ProfilePlan:
    """Return the plan of a version. Raises Version.DoesNotExist where there is none."""
    return make_plan(Version.objects.values_list("definition", flat=True).get(pk=version_id))


def make_plan(document: Document) -> ProfilePlan:
    """Return the plan of a valid definition document."""
    return _PlanMaker(document).plan


def scalar_key(value: Scalar) -> str | ScalarKey:
    """Return a scalar as listed values are looked up by."""
    return value if isinstance(value, str) else ScalarKey(isinstance(value, bool), value)


class _PlanMaker:
    def __init__(self, document: Document) -> None:
        self._lines = {
            tuple(parse_pointer(line.path)): line
            for line in list_properties(document, with_examples=False)
            if _can_be_counted(line)
        }
        self._paths: list[str] = []
        self._parents: list[int] = []
        self._object_count = 0
        self._keys: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for steps in islice(self._lines, MAX_PROPERTIES):
            self._keys[steps[:-1]].append(steps[-1])
        parts = tuple(
            (part, found)
            for part in dict.fromkeys(steps[0] for steps in self._lines)
            if (found := self._object_at((part,))) is not None
        )
        self.plan = ProfilePlan(parts, tuple(self._paths), tuple(self._parents), self._object_count)

    def _object_at(self, steps: tuple[str, ...]) -> ObjectPlan | None:
        if steps not in self._keys:
            return None
        position = self._object_count
        self._object_count += 1
        return ObjectPlan(position, tuple(self._property_at((*steps, key), position) for key in self._keys[steps]))

    def _property_at(self, steps: tuple[str, ...], parent: int) -> PropertyPlan:
        position, line = len(self._paths), self._lines[steps]
        self._paths.append(line.path)
        self._parents.append(parent)
        return PropertyPlan(
            position,
            steps[-1],
            _listed_values(line.schema),
            self._object_at(steps),
            self._object_at((*steps, ANY_INDEX)),
        )


def _can_be_counted(line: PropertySummary) -> bool:
    """Tell whether the path of a property says where it stands: no step of it is any key, or was cut."""
    steps = parse_pointer(line.path)
    return (
        UNKNOWN_KEY not in steps
        and line.name != ANY_INDEX
        and all(len(step) <= MAX_TOKEN_LENGTH for step in steps)
        and len(line.path) < MAX_POINTER_LENGTH
    )


def _listed_values(schema: Mapping[str, Any]) -> dict[str | ScalarKey, str] | None:
    """Return the JSON texts of the scalars that a schema lists; None where it lists none, or too many."""
    if "const" in schema:
        listed = [schema["const"]]
    elif "enum" in schema:
        listed = schema["enum"]
    else:
        listed = [True, False] if schema.get("type") == "boolean" else []
    scalars = [value for value in listed if isinstance(value, Scalar)]
    if not 0 < len(scalars) <= MAX_LISTED_VALUES:
        return None
    return {scalar_key(value): json_text(value) for value in scalars}
