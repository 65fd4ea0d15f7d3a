"""What no event can meet, proven by the canonical form of the schema: never guessed."""

from collections.abc import Iterator
from typing import Any

from catalog.contract.json.json_type import json_type
from catalog.contract.json.text import json_text
from catalog.contract.lint.definition_subject import DefinitionSubject, PartSubject
from catalog.contract.lint.lint_rule import LintMatch, LintRule, LintSeverity, LintText
from catalog.contract.lint.schema_place import CHOICES, CONSEQUENCES, SchemaPlace
from catalog.contract.schema.subschemas import ANNOTATIONS
from catalog.contract.validation.compiled_contract import OPEN_PARTS

MAX_REACHED_VALUES = 30
"""How many values an enum may have for each of them to be looked for in a whole event."""

_EXCLUDED = "what else is said of the event excludes it"
_ITEM = {"items": " item"}


def _unsatisfiable_schemas(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for place, part in subject.empty_places():
        if place.step not in CHOICES:
            what = "value" if place.tokens else "event"
            detail = f"No {what} can meet {json_text(_shown(place.schema))}{_beside(place)}. Change one of its rules."
            yield LintMatch(path=part.path(place.tokens), detail=detail, subject=place.schema)
    for place, part in subject.unreached_places():
        if place.step not in CHOICES | CONSEQUENCES:
            detail = f"No event can ever carry this{_ITEM.get(place.step, '')}: {_EXCLUDED}. Change one of the rules."
            yield LintMatch(path=part.path(place.tokens), detail=detail, subject=place.schema)


def _unusable_branches(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for place, part in subject.empty_places():
        if place.step in CHOICES:
            detail = (
                f"No event can ever use this alternative of {place.step}: it contradicts what stands beside it, "
                "itself, or another alternative. Change or remove it."
            )
            yield LintMatch(path=part.path(place.tokens), detail=detail, subject=place.schema)
    for place, part in subject.unreached_places():
        if place.step in CHOICES | CONSEQUENCES:
            what = f"alternative of {place.step}" if place.step in CHOICES else place.step
            detail = f"No event can ever use this {what}: {_EXCLUDED}. Change or remove it."
            yield LintMatch(path=part.path(place.tokens), detail=detail, subject=place.schema)


def _shown(schema: dict[str, Any]) -> dict[str, Any]:
    return {keyword: value for keyword, value in schema.items() if keyword not in ANNOTATIONS}


def _beside(place: SchemaPlace) -> str:
    return " beside what else is said of it" if place.others and place.step not in CONSEQUENCES else ""


def _unusable_types(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for part in subject.parts:
        for places in _met_places(part):
            tokens, types = places[0].tokens, places[0].schema.get("type")
            if not isinstance(types, list) or len(types) < 2:
                continue
            for kind in types:
                path = part.path((*tokens, "type"))
                if all(part.is_empty(place.schema | {"type": kind}, *place.others) for place in places):
                    detail = f"No event can ever carry {kind} here: its other rules allow for none. Remove the type."
                    yield LintMatch(path=path, detail=detail, subject=kind)
                elif all(part.event_reach.excludes(place, place.schema | {"type": kind}) for place in places):
                    detail = f"No event can ever carry {kind} here: {_EXCLUDED}. Remove the type."
                    yield LintMatch(path=path, detail=detail, subject=kind)


def _unusable_values(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for part in subject.parts:
        for places in _met_places(part):
            tokens, values = places[0].tokens, places[0].schema.get("enum")
            if not isinstance(values, list):
                continue
            refused = _positions_met_nowhere(part, values, places)
            for position in refused:
                detail = (
                    f"No event can ever carry {json_text(values[position])} here: its other rules refuse it. "
                    "Remove the value, or change the rule."
                )
                yield LintMatch(path=part.path((*tokens, "enum", position)), detail=detail, subject=values[position])
            for position in _positions_reached_by_no_event(part, values, places):
                if position not in refused:
                    detail = (
                        f"No event can ever carry {json_text(values[position])} here: {_EXCLUDED}. "
                        "Remove the value, or change a rule."
                    )
                    path = part.path((*tokens, "enum", position))
                    yield LintMatch(path=path, detail=detail, subject=values[position])


def _positions_met_nowhere(part: PartSubject, values: list[Any], places: list[SchemaPlace]) -> set[int]:
    """Return which of the values meet the rest of their schema, with what else holds there, at none of its places."""
    if any(_are_of_type(values, place) for place in places):
        return set()
    rest = {keyword: value for keyword, value in places[0].schema.items() if keyword != "enum"}
    refused = set(range(len(values)))
    for place in places:
        if refused:
            refused.intersection_update(part.positions_not_met(values, rest, *place.others))
    return refused


def _positions_reached_by_no_event(part: PartSubject, values: list[Any], places: list[SchemaPlace]) -> list[int]:
    """Return which of the values of a short list no event carries at any of these places."""
    if len(values) > MAX_REACHED_VALUES:
        return []
    return [
        position
        for position, value in enumerate(values)
        if all(part.event_reach.excludes(place, place.schema | {"enum": [value]}) for place in places)
    ]


def _met_places(part: PartSubject) -> Iterator[list[SchemaPlace]]:
    """Yield the places of each schema that some value may meet and some event reach, as far as anybody can tell."""
    closed = {place.tokens for place in (*part.empty_places, *part.unreached_places)}
    for places in part.occurrences.values():
        met = [place for place in places if not any(each.tokens in closed for each in place.with_holders())]
        if met:
            yield met


def _are_of_type(values: list[Any], place: SchemaPlace) -> bool:
    """Tell by a look alone that each value is of the type, and that nothing else is said of them."""
    kind = place.schema.get("type")
    if place.others or place.schema.keys() - ANNOTATIONS - {"type", "enum", "sensitivity"}:
        return False
    return kind is None or all(json_type(value) == kind for value in values)


def _required_undescribed(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for part in subject.parts:
        if part.pointer.removeprefix("/") in OPEN_PARTS:
            continue
        for place in part.places:
            members, partners = part.undescribed_members(place), part.undescribed_partners(place)
            if not members and not partners:
                continue
            consequence = "nobody checks it" if part.allows_others(place) else "every event that has it breaks a rule"
            for name in members:
                detail = (
                    f"{json_text(name)} is required, and nothing says what it is: {consequence}. "
                    "Describe it under properties, or no longer require it."
                )
                yield LintMatch(path=part.path((*place.tokens, "required")), detail=detail, subject=name)
            for key, name in partners:
                detail = (
                    f"{json_text(name)} is required beside {json_text(key)}, and nothing says what it is: "
                    f"{consequence}. Describe it under properties, or no longer require it."
                )
                yield LintMatch(path=part.path((*place.tokens, "dependentRequired", key)), detail=detail, subject=name)


UNSATISFIABLE = LintRule(
    code="unsatisfiable",
    severity=LintSeverity.ERROR,
    check=_unsatisfiable_schemas,
    text=LintText(
        what="A schema or property that no event can ever meet.",
        bad='{"type": "integer", "minimum": 5, "maximum": 1}',
        good='{"type": "integer", "minimum": 1, "maximum": 5}',
    ),
)
UNUSABLE_BRANCH = LintRule(
    code="unusable_branch",
    severity=LintSeverity.WARNING,
    check=_unusable_branches,
    text=LintText(
        what="An alternative of anyOf or oneOf, or what follows from an if, that no event can ever use.",
        bad='{"type": "string", "anyOf": [{"maxLength": 5}, {"type": "integer"}]}',
        good='{"anyOf": [{"type": "string", "maxLength": 5}, {"type": "integer"}]}',
    ),
)
UNUSABLE_TYPE = LintRule(
    code="unusable_type",
    severity=LintSeverity.WARNING,
    check=_unusable_types,
    text=LintText(
        what="A type that no event can ever carry, because of the other rules.",
        bad='{"type": ["string", "null"], "enum": ["card", "cash"]}',
        good='{"type": ["string", "null"], "enum": ["card", "cash", null]}',
    ),
)
UNUSABLE_VALUE = LintRule(
    code="unusable_value",
    severity=LintSeverity.WARNING,
    check=_unusable_values,
    text=LintText(
        what="A value of an enum that no event can ever carry, because of the other rules.",
        bad='{"type": "string", "enum": ["one", 2]}',
        good='{"type": "string", "enum": ["one", "2"]}',
    ),
)
REQUIRED_UNDESCRIBED = LintRule(
    code="required_undescribed",
    severity=LintSeverity.ERROR,
    check=_required_undescribed,
    text=LintText(
        what="A property that is required and described nowhere.",
        bad='{"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku", "price"]}',
        good='{"type": "object", "properties": {"sku": {"type": "string"}, "price": {}}, "required": ["sku", "price"]}',
    ),
)
