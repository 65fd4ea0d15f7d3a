"""Rules for every event of a Segment plan, merged into the definitions beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract.schema.subschemas import everywhere
from catalog.exchange.definition_assembly import Part
from catalog.exchange.entry import Note
from catalog.exchange.formats.segment.rule_parts import Parts

_PLAIN = frozenset(("type", "properties", "required", "description", "title"))


@dataclass(frozen=True, slots=True)
class Common:
    """The common rules of a plan, by the part of an event that they speak of."""

    found: dict[str, tuple[Part, ...]]

    @classmethod
    def of(cls, rules: Sequence[Parts]) -> "Common":
        """Gather the common rules; those with problems hold for nothing, and their own entry says so."""
        found: dict[str, tuple[Part, ...]] = {}
        for rule in rules:
            if not rule.problems:
                for name, part in rule.found.items():
                    found[name] = (*found.get(name, ()), part)
        return cls(found)

    def merged(self, parts: Parts, main: str) -> Parts:
        """An event's parts with what the common rules add.

        Their context holds for every event, the rest only for events whose main part it is: a rule about
        `traits` asks nothing of a track call. Common parts with references are not merged; a note says so.
        """
        found, notes = dict(parts.found), list(parts.notes)
        for name, commons in self.found.items():
            if name not in ("context", main):
                continue
            for common in commons:
                where = f"/properties/{name}"
                if any(isinstance(schema, dict) and "$ref" in schema for _, schema in everywhere(common.schema)):
                    notes.append(Note("common_left_out", where, "The common rule holds references and is not merged."))
                    continue
                own = found.get(name, Part({"type": "object"}))
                found[name] = Part(merge(own.schema, common.schema), own.notes, own.problems)
                notes.append(Note("common_merged", where, "The plan's common rule is part of this definition."))
        return Parts(found, tuple(notes), parts.problems)


def merge(own: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks for what both ask for, as plain properties where that can be said."""
    if not (own.keys() | common.keys()) <= _PLAIN:
        return own | {"allOf": [*own.get("allOf", []), common]}
    properties = dict(own.get("properties", {}))
    for name, schema in common.get("properties", {}).items():
        mine = properties.get(name, schema)
        properties[name] = mine if mine == schema else {"allOf": [mine, schema]}
    required = list(dict.fromkeys([*own.get("required", []), *common.get("required", [])]))
    made = common | own
    return made | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})
