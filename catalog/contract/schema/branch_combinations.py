"""In how many ways the branches of a schema combine for one value, which is what a proof has to go through."""

import math
from collections.abc import Iterator
from typing import Any

from catalog.contract.schema.subschemas import Schema, in_place_subschemas, resolve_reference, unconditional_subschemas

MAX_BRANCH_COMBINATIONS = 24
"""In how many ways the branches of a schema may combine for one value before nobody tries to prove anything of it.

A proof takes the square of them and more: half a second for 24, minutes for 27 to 32 of some shapes. Past some 36 that
overlap the library may give up, or not.
"""

MAX_DESCRIBING_BRANCHES = 5
"""How many branches may describe properties of their own where what no branch describes is forbidden.

A proof goes through every choice of branches that apply: a quarter of a second for six, minutes for eight.
"""

MAX_NUMBER_RULES = 50
"""How many schemas may limit one number together. A proof takes the cube of them: five seconds for 200."""

MAX_CONTAINED_ITEMS = 30
"""How many schemas may say together what a list contains. A proof takes the square of them and more, and the lint makes
one for each: two seconds for 200."""

_CHOICES = ("anyOf", "oneOf")
_NUMBER_KEYWORDS = frozenset({"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"})

_PAST_LIMIT = MAX_BRANCH_COMBINATIONS + 1
_MAX_BRANCH_DEPTH = 200


class BranchCounter:
    """Counts the ways to meet a schema of one root, and those to break it: what a `not` or a failed `if` asks for.

    To break `required` of three names is to leave out one of the three, so a few such schemas under `not` combine in
    as many ways as choices of three do.
    """

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._counts: dict[tuple[int, bool], int] = {}

    def count_ways(self, schema: Schema) -> int:
        """Return how many ways there are to meet a schema, at least one, or a number past the limit."""
        return self._count(schema, is_met=True)

    def exceeds_limit(self, schema: Schema) -> bool:
        """Tell whether there are more ways to meet this schema than a proof can go through."""
        if not isinstance(schema, dict):
            return False
        if self.count_ways(schema) > MAX_BRANCH_COMBINATIONS or self._has_many_rules_for_one_value(schema):
            return True
        return "unevaluatedProperties" in schema and self._count_describing_branches(schema) > MAX_DESCRIBING_BRANCHES

    def _has_many_rules_for_one_value(self, schema: dict[str, Any]) -> bool:
        """Tell whether too many schemas say together what a number is or is not, or what a list contains."""
        together = list(unconditional_subschemas(self._root, schema))
        rules = [rule for each in together for rule in (each, each.get("not")) if isinstance(rule, dict)]
        return (
            sum(bool(rule.keys() & _NUMBER_KEYWORDS) for rule in rules) > MAX_NUMBER_RULES
            or sum("contains" in rule for rule in rules) > MAX_CONTAINED_ITEMS
        )

    def _count_describing_branches(self, schema: dict[str, Any]) -> int:
        """Return how many branches that need not apply describe properties that the rest of the schema does not."""
        described = {
            name
            for each in unconditional_subschemas(self._root, schema)
            if isinstance(each, dict)
            for name in each.get("properties", {})
        }
        return sum(
            isinstance(each, dict) and not each.get("properties", {}).keys() <= described
            for each in in_place_subschemas(self._root, schema)
        )

    def _count(self, schema: Schema, *, is_met: bool, depth: int = 0) -> int:
        """Return how many ways there are to meet or to break a schema, at least one, or a number past the limit."""
        if not isinstance(schema, dict):
            return 1
        key = (id(schema), is_met)
        if key in self._counts:
            return self._counts[key]
        if depth > _MAX_BRANCH_DEPTH:
            return _PAST_LIMIT
        self._counts[key] = 1  # where a reference leads back to it
        ways = self._ways_to_meet(schema, depth + 1) if is_met else self._ways_to_break(schema, depth + 1)
        count = math.prod(ways) if is_met else sum(ways)
        self._counts[key] = min(max(count, 1), _PAST_LIMIT)
        return self._counts[key]

    def _ways_to_meet(self, schema: dict[str, Any], depth: int) -> Iterator[int]:
        """Yield for each keyword with branches how many ways there are to meet it."""
        if "$ref" in schema:
            yield self._count(resolve_reference(self._root, schema["$ref"]) or True, is_met=True, depth=depth)
        for branch in schema.get("allOf", ()):
            yield self._count(branch, is_met=True, depth=depth)
        for keyword in _CHOICES:
            if keyword in schema:
                yield sum(self._count(branch, is_met=True, depth=depth) for branch in schema[keyword])
        if "not" in schema:
            yield self._count(schema["not"], is_met=False, depth=depth)
        if "if" in schema:
            met, broken = (self._count(schema["if"], is_met=is_met, depth=depth) for is_met in (True, False))
            then, otherwise = schema.get("then", True), schema.get("else", True)
            yield (
                met * self._count(then, is_met=True, depth=depth)
                + broken * self._count(otherwise, is_met=True, depth=depth)
                + _count_chained_conditions(otherwise)
            )
        for branch in schema.get("dependentSchemas", {}).values():
            yield 1 + self._count(branch, is_met=True, depth=depth)
        yield from (2 for names in schema.get("dependentRequired", {}).values() if names)

    def _ways_to_break(self, schema: dict[str, Any], depth: int) -> Iterator[int]:
        """Yield for each keyword how many ways there are to break it."""
        if "$ref" in schema:
            yield self._count(resolve_reference(self._root, schema["$ref"]) or True, is_met=False, depth=depth)
        yield len({*schema.get("required", ()), *schema.get("properties", {})})
        for branch in schema.get("allOf", ()):
            yield self._count(branch, is_met=False, depth=depth)
        for keyword in _CHOICES:
            if keyword in schema:
                yield math.prod(self._count(branch, is_met=False, depth=depth) for branch in schema[keyword])
        if "not" in schema:
            yield self._count(schema["not"], is_met=True, depth=depth)
        if "if" in schema:
            yield sum(
                self._count(schema["if"], is_met=is_met, depth=depth)
                * self._count(schema.get(branch, True), is_met=False, depth=depth)
                for branch, is_met in (("then", True), ("else", False))
            )
        for branch in schema.get("dependentSchemas", {}).values():
            yield self._count(branch, is_met=False, depth=depth)
        yield from (len(names) for names in schema.get("dependentRequired", {}).values())


def _count_chained_conditions(otherwise: Schema) -> int:
    """Return how many conditions follow where one fails (`else if`): each of them is proven beside those before it."""
    count = 0
    while isinstance(otherwise, dict) and "if" in otherwise:
        count += 1
        otherwise = otherwise.get("else", True)
    return count
