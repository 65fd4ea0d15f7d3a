"""What was found out about one event."""

import msgspec

from catalog.contract import ValidationResult
from catalog.contract.rules.event_rule import CatalogMatch
from tracking.traffic.check.seen_names import SeenNameKey


class ValidatedEvent(msgspec.Struct, frozen=True):
    """The name that an event counts under, what it was held against, and what it breaks.

    `result` counts what it breaks of the contract and of the event rules; `contract_result` of the contract alone, None
    where there is none.
    """

    seen_name: SeenNameKey
    event_id: int | None
    version_id: int | None
    version_number: str
    result: ValidationResult
    contract_result: ValidationResult | None = None

    @property
    def match(self) -> CatalogMatch:
        """What the catalog has for the event. Not for one that we failed to check."""
        return CatalogMatch.DEFINED if self.contract_result is not None else CatalogMatch(self.result.verdict.value)
