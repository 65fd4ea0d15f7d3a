"""Rules for every event of a Segment plan, merged into the definitions beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract import json_equal
from catalog.contract.schema.subschemas import walk_schema
from catalog.exchange.definition_assembly import ImportedPart
from catalog.exchange.entry import Note
from catalog.exchange.formats.segment.rule_parts import RuleParts

_MERGEABLE_KEYWORDS = frozenset(("type", "properties", "required", "description", "title"))


@dataclass(frozen=True, slots=True)
class CommonRules:
    """The common rules of a plan, by the part of an event that they describe."""

    parts_by_name: dict[str, tuple[ImportedPart, ...]]

    @classmethod
    def from_rules(cls, rules: Sequence[RuleParts]) -> "CommonRules":
        """Gather the common rules; those with problems are left out, which their own entry reports."""
        found: dict[str, tuple[ImportedPart, ...]] = {}
        for rule in rules:
            if not rule.problems:
                for name, part in rule.by_name.items():
                    found[name] = (*found.get(name, ()), part)
        return cls(found)

    def merge_into(self, parts: RuleParts, main_part: str) -> RuleParts:
        """An event's parts with what the common rules add.

        Their context holds for every event, the rest only for events whose main part it is: a rule about
        `traits` asks nothing of a track call. Common parts with references are not merged; a note says so.
        """
        merged_parts, notes = dict(parts.by_name), list(parts.notes)
        for name, commons in self.parts_by_name.items():
            if name not in ("context", main_part):
                continue
            for common in commons:
                pointer = f"/properties/{name}"
                if any(isinstance(schema, dict) and "$ref" in schema for _, schema in walk_schema(common.schema)):
                    notes.append(
                        Note("common_left_out", pointer, "The common rule holds references and is not merged.")
                    )
                    continue
                own = merged_parts.get(name, ImportedPart({"type": "object"}))
                merged_parts[name] = ImportedPart(merge_schemas(own.schema, common.schema), own.notes, own.problems)
                notes.append(Note("common_merged", pointer, "The plan's common rule is part of this definition."))
        return RuleParts(merged_parts, tuple(notes), parts.problems)


def merge_schemas(own: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks for what both ask for, as plain properties where that is possible."""
    if not (own.keys() | common.keys()) <= _MERGEABLE_KEYWORDS:
        return own | {"allOf": [*own.get("allOf", []), common]}
    properties = dict(own.get("properties", {}))
    for name, schema in common.get("properties", {}).items():
        own_schema = properties.get(name, schema)
        properties[name] = own_schema if json_equal(own_schema, schema) else {"allOf": [own_schema, schema]}
    required = list(dict.fromkeys([*own.get("required", []), *common.get("required", [])]))
    merged = common | own
    return merged | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})
