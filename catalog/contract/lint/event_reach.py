"""Which events carry a value at a place of a schema: what other properties and branches leave of that place.

A schema may well be met by some value, and still no event can carry one there: since each alternative of the event asks
for another value, say. So the question is put to the whole event, from the place outwards.
"""

from typing import Any

from catalog.contract.lint.schema_place import CHOICES, SchemaPlace
from catalog.contract.schema.satisfiability import ProofBudget, is_provably_empty
from catalog.contract.schema.subschemas import Schema, same_value_schemas

MAX_READ_SCHEMAS = 10_000
"""How many schemas these proofs may read for one part, beside all other proofs: some 300 ms."""

MAX_READ_SECONDS = 1.0

_BOUNDS_OTHERS = frozenset(
    {"anyOf", "oneOf", "not", "if", "dependentSchemas", "dependentRequired", "const", "enum"}
    | {"maxProperties", "minProperties", "propertyNames", "contains", "maxItems", "minItems", "uniqueItems"}
)
"""Keywords by which one property, item or branch can exclude what another one is."""

_SPEAKS_OF_ANY_KEY = frozenset({"const", "enum", "maxProperties", "minProperties", "propertyNames"})
_SPEAKS_OF_OTHER_KEYS = frozenset({"additionalProperties", "patternProperties", "unevaluatedProperties"})

_SAME_VALUE = CHOICES | {"allOf", "$ref"}


class EventReach:
    """Tells for the places of one part, whose schema is `root`, whether any event can carry a value there."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._budget = ProofBudget(MAX_READ_SCHEMAS, seconds=MAX_READ_SECONDS)
        self._related_names: dict[int, set[str] | None] = {}

    def excludes(self, place: SchemaPlace, schema: dict[str, Any]) -> bool:
        """Tell whether it is proven that no event carries a value at a place that meets a schema, beside all rules.

        False where one does, and where nobody can tell.
        """
        if self._budget.is_spent or not any(map(self._is_bound_by_others, place.with_holders())):
            return False
        event = self._events_with(place, schema)
        return event is not None and is_provably_empty(self._root, (event,), self._budget)

    def _is_bound_by_others(self, place: SchemaPlace) -> bool:
        """Tell whether anything in what holds a place may exclude a value there that meets what is said of it."""
        if place.parent is None or place.step in _SAME_VALUE:
            return False  # what holds for the same value was asked already
        if place.step == "properties":
            related = self._related(place.parent.schema)
            return related is None or place.tokens[-1] in related or bool(place.parent.others)
        return any(condition.keys() & _BOUNDS_OTHERS for condition in place.parent.conditions)

    def _events_with(self, place: SchemaPlace, schema: Schema) -> Schema | None:
        """Return a schema of the events with such a value at a place; None where no keyword can say where that is."""
        while place.parent is not None:
            narrowed = _holder_with(place, place.parent.schema, schema)
            if narrowed is None:
                return None
            kept = self._without_unrelated(place.parent.schema, place.tokens[-1:])
            schema = {"allOf": [kept, narrowed]}
            place = place.parent
        return None if place.tokens else schema  # where recursion leads to once more is no event

    def _without_unrelated(self, holder: dict[str, Any], own: tuple[str | int, ...]) -> dict[str, Any]:
        """Return a schema without what it says of the properties of which nothing beside them speaks.

        It accepts more, so what is proven of it is so, and a definition of many properties is proven by the few that
        depend on each other.
        """
        related = self._related(holder)
        if related is None or _SPEAKS_OF_OTHER_KEYS & holder.keys():
            return holder
        properties = holder.get("properties", {})
        kept = {name: each for name, each in properties.items() if name in related or name in own}
        return holder if len(kept) == len(properties) else holder | {"properties": kept}

    def _related(self, holder: dict[str, Any]) -> set[str] | None:
        """Return the names of which a schema speaks beside its own `properties`; None where it may speak of any."""
        if id(holder) not in self._related_names:
            self._related_names[id(holder)] = self._find_related(holder)
        return self._related_names[id(holder)]

    def _find_related(self, holder: dict[str, Any]) -> set[str] | None:
        branches = [each for each in same_value_schemas(self._root, holder) if each is not holder]
        if holder.keys() & _SPEAKS_OF_ANY_KEY:
            return None
        if any(each.keys() & (_SPEAKS_OF_ANY_KEY | _SPEAKS_OF_OTHER_KEYS) for each in branches):
            return None
        names = {*holder.get("dependentSchemas", ()), *_names_depended_on(holder)}
        for each in branches:
            names.update(each.get("properties", ()), each.get("required", ()), _names_depended_on(each))
        return names


def _names_depended_on(schema: dict[str, Any]) -> set[str]:
    depended = schema.get("dependentRequired", {})
    return {name for key, names in depended.items() for name in (key, *names)}


def _holder_with(place: SchemaPlace, holder: dict[str, Any], schema: Schema) -> Schema | None:
    """Return a schema of the values that hold one which meets `schema` where the step to a place leads."""
    key = place.tokens[-1] if place.tokens else ""
    match place.step:
        case "properties":
            return {"type": "object", "required": [key], "properties": {key: schema}}
        case "items" | "contains":
            return {"type": "array", "contains": schema}
        case "prefixItems" if isinstance(key, int):
            return {"type": "array", "minItems": key + 1, "prefixItems": [*[True] * key, schema]}
        case "then" if "if" in holder:
            return {"allOf": [holder["if"], schema]}
        case "else" if "if" in holder:
            return {"allOf": [{"not": holder["if"]}, schema]}
        case "dependentSchemas":
            return {"type": "object", "required": [key], "allOf": [schema]}
        case step if step in _SAME_VALUE:
            return schema
    return None
