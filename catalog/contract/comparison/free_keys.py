"""Keys that only the new schema names, and that the old one has a rule for all the same, spelled out for a proof."""

from typing import Any

from catalog.contract.schema.subschemas import IN_PLACE_APPLICATORS, Schema, direct_subschemas, map_subschemas
from catalog.contract.schema.validator import pattern_matcher

_MAX_DEPTH = 30
_BRANCHING_KEYWORDS = IN_PLACE_APPLICATORS | {"$ref", "dependentSchemas"}


def name_free_keys(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the old schema with each property that only the new one names, as the old one's rule for any key has it.

    It says the same of every value: what `patternProperties` or else `additionalProperties` asks of a key stands under
    `properties`, too. A proof does not see that a key which the new schema names is one of those. Objects are followed
    through whatever both schemas have at the same steps (`properties`, `items`, branches, definitions, free keys).
    The schemas are valid.
    """
    named = _KeyNamer().name(old, new, depth=0)
    assert isinstance(named, dict)
    return named


class _KeyNamer:
    """Names keys of two schemas. What stands at several places as one object is one object afterwards, too."""

    def __init__(self) -> None:
        # With the schemas themselves, so that no other object gets the id of one of them meanwhile.
        self._named: dict[tuple[int, int], tuple[Schema, Schema, Schema]] = {}

    def name(self, old: Schema, new: Schema, *, depth: int) -> Schema:
        if not isinstance(old, dict) or not isinstance(new, dict) or depth > _MAX_DEPTH:
            return old
        key = (id(old), id(new))
        if key not in self._named:
            self._named[key] = (old, new, self._name_in(old, new, depth=depth))
        return self._named[key][-1]

    def _name_in(self, old: dict[str, Any], new: dict[str, Any], *, depth: int) -> dict[str, Any]:
        children, new_children = dict(direct_subschemas(old)), dict(direct_subschemas(new))
        named = {
            steps: self.name(child, new_children[steps], depth=depth + 1) if steps in new_children else child
            for steps, child in children.items()
        }
        is_changed = any(named[steps] is not child for steps, child in children.items())
        result = map_subschemas(old, lambda steps, _child: named[steps]) if is_changed else old
        properties = old.get("properties", {})
        added = {
            name: self.name(rule, described, depth=depth + 1)
            for name, described in new.get("properties", {}).items()
            if name not in properties and (rule := _rule_for(old, name)) is not None
        }
        return result | {"properties": result.get("properties", {}) | added} if added else result


def _rule_for(schema: dict[str, Any], name: str) -> Schema | None:
    """Return what a schema asks of a key that it does not name; None where it has no rule for it, or forbids it."""
    patterns = schema.get("patternProperties", {})
    matching: list[Schema] = [each for pattern, each in patterns.items() if pattern_matcher(pattern)(name)]
    if matching:
        return matching[0] if len(matching) == 1 else {"allOf": matching}
    keyword = "additionalProperties"
    if keyword not in schema and _BRANCHING_KEYWORDS.isdisjoint(schema):
        keyword = "unevaluatedProperties"  # without branches it says the same
    others = schema.get(keyword)
    return others if isinstance(others, dict) else None
