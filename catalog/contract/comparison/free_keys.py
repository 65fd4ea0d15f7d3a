"""Keys that only the new schema names, and that the old one has a rule for all the same, spelled out for a proof."""

from typing import Any

from catalog.contract.schema.subschemas import Schema
from catalog.contract.schema.validator import pattern_matcher

_MAX_DEPTH = 30


def name_free_keys(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the old schema with each property that only the new one names, as the old one's rule for any key has it.

    It says the same of every value: what `patternProperties` or else `additionalProperties` asks of a key stands under
    `properties`, too. A proof does not see that a key which the new schema names is one of those. Objects are followed
    through `properties` and `items` that both have. The schemas are valid.
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
        changed: dict[str, Any] = {}
        properties = old.get("properties", {})
        for name, described in new.get("properties", {}).items():
            before = properties[name] if name in properties else _rule_for(old, name)
            if before is None:
                continue
            after = self.name(before, described, depth=depth + 1)
            if name not in properties or after is not before:
                changed[name] = after
        result = old | {"properties": properties | changed} if changed else old
        if all("items" in each and "prefixItems" not in each for each in (old, new)):
            items = self.name(old["items"], new["items"], depth=depth + 1)
            result = result if items is old["items"] else result | {"items": items}
        return result


def _rule_for(schema: dict[str, Any], name: str) -> Schema | None:
    """Return what a schema asks of a key that it does not name; None where it has no rule for it, or forbids it."""
    patterns = schema.get("patternProperties", {})
    matching: list[Schema] = [each for pattern, each in patterns.items() if pattern_matcher(pattern)(name)]
    if matching:
        return matching[0] if len(matching) == 1 else {"allOf": matching}
    others = schema.get("additionalProperties")
    return others if isinstance(others, dict) else None
