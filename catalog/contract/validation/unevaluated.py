"""What the validator calls unevaluated only because a branch that describes it failed for another reason."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jsonschema_rs

from catalog.contract.json.pointers import value_at
from catalog.contract.schema.subschemas import IN_PLACE_APPLICATORS, Tokens
from catalog.contract.validation.violation_paths import restore_keys

SchemaPath = tuple[str | int, ...]
Consequence = tuple[SchemaPath, Tokens]

_KEYWORDS = ("unevaluatedProperties", "unevaluatedItems")
_BRANCHES = IN_PLACE_APPLICATORS | {"$ref", "dependentSchemas", "$defs", "definitions"}


def find_consequences(
    errors: Sequence[jsonschema_rs.ValidationError],
    value: Any,
    test_of_members: Callable[[Tokens], Callable[[str | int], bool]],
) -> frozenset[Consequence]:
    """Return which keys and lists are unevaluated only as a consequence of other errors, as (schema path, steps).

    A branch (`allOf`, `$ref`, …) that fails evaluates nothing, so that one wrong value in it makes the validator call
    each property of the branch unevaluated. `test_of_members` returns, for the steps to an object or a list, a test
    that tells of a key or an index whether a schema describes it there; what none describes is surplus, whatever else
    is wrong. Some error is always left: what a consequence follows from.
    """
    if len(errors) < 2 or not any(error.kind.name in _KEYWORDS for error in errors):
        return frozenset()
    located = [(error, restore_keys(value, error.instance_path)) for error in errors]
    inside: dict[Tokens, list[jsonschema_rs.ValidationError]] = defaultdict(list)
    for error, tokens in located:
        for length in range(len(tokens) + 1):
            inside[tokens[:length]].append(error)
    found: set[Consequence] = set()
    explained: set[int] = set()
    unevaluated = [each for each in located if each[0].kind.name in _KEYWORDS]
    for error, tokens in sorted(unevaluated, key=lambda each: -len(each[1])):
        others = (other for other in inside[tokens] if other is not error and id(other) not in explained)
        if not any(_is_in_branch(other, error) for other in others):
            continue
        members = list(_unevaluated_members(error, tokens, value))
        is_described = test_of_members(tokens)
        described = [member for member in members if is_described(member[-1])]
        path = tuple(error.schema_path)
        found.update((path, member if _is_of_keys(error) else tokens) for member in described)
        if described and len(described) == len(members):
            explained.add(id(error))
    return frozenset(found)


def _unevaluated_members(error: jsonschema_rs.ValidationError, tokens: Tokens, value: Any) -> Iterator[Tokens]:
    """Yield the steps to each key that is called unevaluated; of a list, to its last item: surplus if any is."""
    if _is_of_keys(error):
        yield from ((*tokens, key) for key in error.kind.as_dict().get("unexpected", ()))
    else:
        yield (*tokens, len(value_at(value, tokens)) - 1)


def _is_of_keys(error: jsonschema_rs.ValidationError) -> bool:
    return error.kind.name == "unevaluatedProperties"


def _is_in_branch(other: jsonschema_rs.ValidationError, unevaluated: jsonschema_rs.ValidationError) -> bool:
    """Tell whether an error may come from a branch beside an unevaluated keyword, and not from a keyword beside it."""
    location = unevaluated.schema_path[:-1]
    path = other.schema_path
    if path[: len(location)] != location or len(path) <= len(location):
        return True  # a reference leads elsewhere
    return path[len(location)] in _BRANCHES
