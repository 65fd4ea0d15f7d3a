"""Where a schema applies, and what else holds there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.contract.schema.subschemas import Schema, Tokens

CHOICES = frozenset({"anyOf", "oneOf"})
CONSEQUENCES = frozenset({"then", "else", "dependentSchemas"})


@dataclass(frozen=True, eq=False)
class SchemaPlace:
    """One schema where it applies, reached from its parent by the keyword `step` ("" for the root).

    `others` hold for the same value; `conditions` are all of these and what they include (`allOf`, references).
    """

    tokens: Tokens
    schema: dict[str, Any]
    others: tuple[Schema, ...] = ()
    conditions: tuple[dict[str, Any], ...] = ()
    step: str = ""
    parent: "SchemaPlace | None" = None

    def with_holders(self) -> Iterator["SchemaPlace"]:
        """Yield this place and those that hold it, up to the whole event."""
        holder: SchemaPlace | None = self
        while holder is not None:
            yield holder
            holder = holder.parent

    @property
    def is_referred_to(self) -> bool:
        """Whether a reference leads to it or to what holds it."""
        return self.step == "$ref" or (self.parent is not None and self.parent.is_referred_to)
