"""A contract as the fast path asks it: a decoder for the properties, the validator for everything else."""

from typing import Any

import msgspec

from catalog.contract.fast_path.not_fast import NotFast
from catalog.contract.fast_path.schema_types import object_type
from catalog.contract.normalized_event import Event
from catalog.contract.validation.compiled_contract import Contract


class FastContract:
    """A contract whose events can be accepted by decoding their properties. Made once for each contract."""

    __slots__ = ("_contract", "_other_parts", "decode_properties")

    def __init__(self, contract: Contract) -> None:
        """Raises NotFast where no type accepts only what the contract accepts."""
        schema = contract.schema_of("properties")
        try:
            decoder = msgspec.json.Decoder(Any if schema is None else object_type(schema))
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise NotFast(f"msgspec knows no such type: {error}") from error
        self._contract = contract
        self._other_parts = tuple(part for part in contract.parts if part != "properties")
        self.decode_properties = decoder.decode
        """Reads the text of an event's properties, or raises one of msgspec's errors. What it returns conforms, unless
        it left out a key."""

    def accepts_other_parts(self, event: Event) -> bool:
        """Tell whether the traits and the context of an event have no violation, warnings included. Never raises."""
        return not self._other_parts or all(
            self._contract.accepts_part(part, getattr(event, part)) for part in self._other_parts
        )
