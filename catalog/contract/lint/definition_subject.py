"""A definition as the lint rules look at it: its schemas, each with what else holds for the same value."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from catalog.contract.definition.definition_document import SCHEMA_MEMBERS, Document
from catalog.contract.json.pointers import format_pointer
from catalog.contract.lint.event_reach import EventReach
from catalog.contract.lint.schema_place import CHOICES, CONSEQUENCES, SchemaPlace
from catalog.contract.schema.satisfiability import ProofBudget, is_provably_empty, positions_not_met
from catalog.contract.schema.subschemas import (
    ANNOTATIONS,
    Schema,
    Tokens,
    direct_subschemas,
    in_place_subschemas,
    is_schema,
    resolve_reference,
    unconditional_subschemas,
    walk_schema,
)
from catalog.contract.schema.validator import pattern_matcher

MAX_CONDITIONS = 10_000
"""How much holds at all places of one part together; what is past it is looked at for its keywords alone."""

MAX_OTHERS = 6
"""How many schemas beside one a proof takes in: fewer prove less, and never what is not so."""

_NEVER_EMPTY_ALONE = ANNOTATIONS | {
    "$anchor",
    "$defs",
    "definitions",
    "additionalProperties",
    "items",
    "properties",
    "required",
    "sensitivity",
    "type",
}
"""Keywords that leave some value as long as each schema inside them leaves one."""

_LIMITS = frozenset({"format", "maximum", "maxItems", "maxLength", "minimum", "minItems", "minLength", "pattern"})
"""Keywords of which one alone beside these leaves some value, as far as anybody proves."""

REACHED_STEPS = CHOICES | CONSEQUENCES | {"properties", "items"}
"""Steps to what an event may leave out: whatever else it carries, no event has to come there."""

_NOTHING: tuple[dict[str, Any], ...] = ({"not": {}}, {"not": True})

_OTHER_MEMBERS = ("additionalProperties", "unevaluatedProperties")
"""Keywords that say what the members are of which nothing else speaks."""

_SAME_VALUE = CHOICES | CONSEQUENCES | {"allOf"}
_CONDITIONS = frozenset({"not", "if"})
_UNAPPLIED = frozenset({"$defs", "definitions", "contentSchema"})


@dataclass(slots=True)
class _Walk:
    """The places found from one of them on, the last of those that lead back to one, and whether some are left out."""

    places: list[SchemaPlace] = field(default_factory=list)
    met_again: dict[int, SchemaPlace] = field(default_factory=dict)
    condition_count: int = 0
    is_cut: bool = False


@dataclass(frozen=True, eq=False)
class PartSubject:
    """The schema of one part of an event. `pointer` is where it stands in the document."""

    pointer: str
    root: dict[str, Any]
    budget: ProofBudget
    _is_empty_by_place: dict[int, bool] = field(default_factory=dict)

    def path(self, tokens: Tokens) -> str:
        """Return the pointer into the document to a place of this schema."""
        return format_pointer(tokens, prefix=self.pointer)

    @cached_property
    def schemas(self) -> list[tuple[Tokens, dict[str, Any]]]:
        """Every object schema of the part with its steps, definitions included, each once."""
        return [(tokens, schema) for tokens, schema in walk_schema(self.root) if isinstance(schema, dict)]

    @cached_property
    def places(self) -> list[SchemaPlace]:
        """Every place at which a schema applies, outer ones first, within a limit.

        What only tells values apart (`not`, `if`) is left out. A schema that several references lead to is a place
        for each, since other things hold there; one that leads back to itself is entered once on the way.
        """
        return self._walk_from_root.places

    @cached_property
    def _walk_from_root(self) -> "_Walk":
        return self._walk(self._place((), self.root), MAX_CONDITIONS)

    @cached_property
    def occurrences(self) -> dict[Tokens, list[SchemaPlace]]:
        """The places of each schema by the steps to where it stands: several where references lead to one.

        What leads back to itself has one more, at which nothing else holds, for all the times that it is entered again;
        so has what references lead to in a definition of which not all places were found. A schema is called unusable
        only where no place of it can be used.
        """
        walks = [self._walk_from_root]
        walked: set[int] = set()
        pending = dict(self._walk_from_root.met_again)
        while pending:
            key, place = pending.popitem()
            if key not in walked:
                walked.add(key)
                remaining = MAX_CONDITIONS - sum(walk.condition_count for walk in walks)
                walks.append(self._walk(self._place(place.tokens, place.schema), remaining))
                pending |= walks[-1].met_again
        found: dict[Tokens, list[SchemaPlace]] = {}
        for place in (place for walk in walks for place in walk.places):
            found.setdefault(place.tokens, []).append(place)
        if any(walk.is_cut for walk in walks):
            for places in found.values():
                if any(place.is_referred_to for place in places):
                    places.append(self._place(places[0].tokens, places[0].schema))
        return found

    def _walk(self, root: SchemaPlace, max_conditions: int) -> "_Walk":
        pending: list[tuple[SchemaPlace, frozenset[int]]] = [(root, frozenset())]
        walk = _Walk()
        while pending and walk.condition_count < max_conditions:
            place, entered = pending.pop()
            if id(place.schema) in entered:
                walk.met_again[id(place.schema)] = place
                continue
            walk.places.append(place)
            walk.condition_count += len(place.conditions)
            inside = entered | {id(place.schema)}
            pending += [(child, inside) for child in reversed(list(self._children(place)))]
        walk.is_cut = bool(pending)
        return walk

    def is_empty(self, schema: Schema, *others: Schema) -> bool:
        """Tell whether it is proven that no value meets a schema and these others, of which the nearest count."""
        return is_provably_empty(self.root, (schema, *others[:MAX_OTHERS]), self.budget)

    def positions_not_met(self, values: list[Any], schema: Schema, *others: Schema) -> list[int]:
        """Return which of the values do not meet a schema and these others, of which the nearest count."""
        return positions_not_met(self.root, (schema, *others[:MAX_OTHERS]), values, self.budget)

    def describes_member(self, place: SchemaPlace, name: str) -> bool:
        """Tell whether anything that holds at a place, or a branch of it, says what a member of this name is."""
        if name in place.schema.get("properties", ()):
            return True
        return any(
            member_schemas(each, name) or any(isinstance(each.get(keyword), dict) for keyword in _OTHER_MEMBERS)
            for each in self._all_conditions(place)
        )

    def allows_others(self, place: SchemaPlace) -> bool:
        """Tell whether what holds at a place says that members may come which it does not describe."""
        return any(each.get(keyword) is True for each in self._all_conditions(place) for keyword in _OTHER_MEMBERS)

    def _all_conditions(self, place: SchemaPlace) -> Iterator[dict[str, Any]]:
        """Yield the object schemas that hold at a place, with their branches."""
        for condition in place.conditions:
            yield from (each for each in in_place_subschemas(self.root, condition) if isinstance(each, dict))

    def undescribed_members(self, place: SchemaPlace) -> list[str]:
        """Return the names that a schema requires and nothing describes."""
        return [name for name in place.schema.get("required", ()) if not self.describes_member(place, name)]

    def undescribed_partners(self, place: SchemaPlace) -> list[tuple[str, str]]:
        """Return the names that a schema requires beside another one, after that one, and nothing describes."""
        return [
            (key, name)
            for key, names in place.schema.get("dependentRequired", {}).items()
            for name in names
            if not self.describes_member(place, name)
        ]

    @cached_property
    def empty_places(self) -> list[SchemaPlace]:
        """The innermost places that no value can meet: what holds them is empty only because of them.

        What a reference leads to is one of them if no value can meet it whatever refers to it; otherwise what refers to
        it is. Where no alternative of a choice is left, it is what offers them that no value can meet.
        """
        explained: set[int] = set()
        found: dict[Tokens, SchemaPlace] = {}
        for place in reversed(self.places):
            if id(place) not in explained:
                if not self._is_empty_everywhere(place):
                    continue
                found.setdefault(place.tokens, place)
            if place.parent is not None:
                explained.add(id(place.parent))
        while emptied := _find_emptied_choice(list(found.values())):
            for alternative in emptied:
                del found[alternative.tokens]
            if (offering := emptied[0].parent) is not None:
                found.setdefault(offering.tokens, offering)
        return list(reversed(found.values()))

    @cached_property
    def event_reach(self) -> EventReach:
        """What tells whether any event carries a value at a place."""
        return EventReach(self.root)

    @cached_property
    def unreached_places(self) -> list[SchemaPlace]:
        """The outermost places at which no event can carry a value, though some value could meet each of them.

        What cannot be met because of an empty place inside it is explained by that one, and is none of them.
        """
        explained = {holder.tokens for place in self.empty_places for holder in place.with_holders()}
        if explained and self.is_empty(self.root):
            return []
        closed = {place.tokens for place in self.empty_places}
        found: list[SchemaPlace] = []
        for tokens, places in self.occurrences.items():
            open_places = [place for place in places if not any(each.tokens in closed for each in place.with_holders())]
            if not open_places or open_places[0].step not in REACHED_STEPS:
                continue
            if all(self.event_reach.excludes(place, place.schema) for place in open_places):
                closed.add(tokens)
                if tokens not in explained or not all(map(self._is_empty_place, places)):
                    found.append(open_places[0])
        return found

    def _is_empty_everywhere(self, place: SchemaPlace) -> bool:
        if place.step == "$ref" and not self._find_empty(self._place(place.tokens, place.schema)):
            return False
        return all(map(self._is_empty_place, self.occurrences[place.tokens]))

    def _is_empty_place(self, place: SchemaPlace) -> bool:
        if id(place) not in self._is_empty_by_place:
            self._is_empty_by_place[id(place)] = self._find_empty(place)
        return self._is_empty_by_place[id(place)]

    def _find_empty(self, place: SchemaPlace) -> bool:
        if place.schema in _NOTHING:
            return False  # `{"not": {}}` says on purpose that there is no such value
        others = () if place.step in CONSEQUENCES else place.others
        forbids = any(child is False for _tokens, child in direct_subschemas(place.schema))
        limiting = place.schema.keys() - _NEVER_EMPTY_ALONE
        if not others and not forbids and (not limiting or (len(limiting) == 1 and limiting <= _LIMITS)):
            return False
        return self.is_empty(self._with_described_members(place), *others)

    def _with_described_members(self, place: SchemaPlace) -> dict[str, Any]:
        """Return the schema without requiring what it does not describe, which another rule tells."""
        undescribed = set(self.undescribed_members(place))
        if not undescribed:
            return place.schema
        return place.schema | {"required": [name for name in place.schema["required"] if name not in undescribed]}

    def _place(self, tokens: Tokens, schema: dict[str, Any], **fields: Any) -> SchemaPlace:
        conditions = self._conjunction((schema, *fields.get("others", ())))
        return SchemaPlace(tokens, schema, conditions=conditions, **fields)

    def _children(self, place: SchemaPlace) -> Iterator[SchemaPlace]:
        for tokens, child in direct_subschemas(place.schema):
            step = str(tokens[0])
            if isinstance(child, dict) and step not in _CONDITIONS and step not in _UNAPPLIED:
                others = self._others(place, tokens, child)
                yield self._place(place.tokens + tokens, child, others=others, step=step, parent=place)
        reference = place.schema.get("$ref")
        target = resolve_reference(self.root, reference)
        if isinstance(target, dict):
            is_alone = place.schema.keys() - ANNOTATIONS == {"$ref"}
            others = place.others if is_alone else (place.schema, *place.others)
            yield self._place(self._tokens_by_id[id(target)], target, others=others, step="$ref", parent=place)

    @cached_property
    def _tokens_by_id(self) -> dict[int, Tokens]:
        return {id(schema): tokens for tokens, schema in self.schemas}

    def _others(self, place: SchemaPlace, tokens: Tokens, child: Schema) -> tuple[Schema, ...]:
        step = tokens[0]
        if step in _SAME_VALUE:
            # What stands in an `allOf` is a part of what holds it, which is among the others.
            return place.others if place.step == "allOf" else (place.schema, *place.others)
        if step == "properties":
            found = (each for condition in place.conditions for each in member_schemas(condition, str(tokens[1])))
        elif step == "items":
            found = (
                condition["items"]
                for condition in place.conditions
                if "prefixItems" not in condition and is_schema(condition.get("items"))
            )
        else:
            return ()
        return tuple(each for each in found if each is not child)

    def _conjunction(self, schemas: tuple[Schema, ...]) -> tuple[dict[str, Any], ...]:
        """Return the object schemas with everything that holds wherever they do."""
        found = (each for schema in schemas for each in unconditional_subschemas(self.root, schema))
        return tuple({id(each): each for each in found}.values())


@dataclass(frozen=True, eq=False)
class DefinitionSubject:
    """A definition document that compiles."""

    document: Document
    budget: ProofBudget = field(default_factory=ProofBudget)

    @cached_property
    def parts(self) -> list[PartSubject]:
        """The schemas of the document."""
        return [
            PartSubject(f"/{member}", self.document[member], self.budget)
            for member in SCHEMA_MEMBERS
            if isinstance(self.document.get(member), dict)
        ]

    def empty_places(self) -> Iterator[tuple[SchemaPlace, PartSubject]]:
        """Yield the places that no value can meet, each with its part."""
        for part in self.parts:
            yield from ((place, part) for place in part.empty_places)

    def unreached_places(self) -> Iterator[tuple[SchemaPlace, PartSubject]]:
        """Yield the places at which no event can carry a value, each with its part."""
        for part in self.parts:
            yield from ((place, part) for place in part.unreached_places)


def _find_emptied_choice(empty_places: list[SchemaPlace]) -> list[SchemaPlace]:
    """Return the alternatives of one choice of which none is left, or nothing where each choice has one left."""
    choices: dict[tuple[Tokens, str], list[SchemaPlace]] = {}
    for place in empty_places:
        if place.step in CHOICES:
            choices.setdefault((place.tokens[:-2], place.step), []).append(place)
    for (_parent, keyword), alternatives in choices.items():
        offered = alternatives[0].parent.schema[keyword] if alternatives[0].parent is not None else ()
        if len(alternatives) == sum(each is not False for each in offered):
            return alternatives
    return []


def member_schemas(schema: dict[str, Any], name: str) -> list[Schema]:
    """Return what a schema says of a member by its name or a pattern."""
    properties = schema.get("properties", {})
    found: list[Schema] = [properties[name]] if name in properties else []
    return found + [each for pattern, each in schema.get("patternProperties", {}).items() if _matches(pattern, name)]


def _matches(pattern: str, name: str) -> bool:
    try:
        return pattern_matcher(pattern)(name)
    except ValueError:
        return False
