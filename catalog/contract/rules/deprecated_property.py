"""`deprecated_property`: an event still carries a property that its definition calls deprecated."""

from collections.abc import Iterable

from catalog.contract.json.pointers import format_pointer, places_at
from catalog.contract.normalized_event import Event
from catalog.contract.rules.event_rule import Breach, CatalogMatch, Cost, DeprecatedProperty, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity

_EXPECTED = "no deprecated property"


def _check(facts: EventFacts) -> Iterable[Breach]:
    return [breach for each in facts.deprecated_properties if (breach := _breach(facts.event, each)) is not None]


def _breach(event: Event, deprecated: DeprecatedProperty) -> Breach | None:
    """Return the first place at which an event carries a deprecated property."""
    value = getattr(event, deprecated.part)
    if not isinstance(value, dict) or (len(deprecated.tokens) == 1 and deprecated.tokens[0] not in value):
        return None  # the usual case
    for tokens, came in places_at(value, deprecated.tokens, limit=1):
        path = format_pointer((deprecated.part, *tokens))
        return Breach(path, _EXPECTED, came, deprecated.definition_path)
    return None


DEPRECATED_PROPERTY = EventRule(
    code="deprecated_property",
    severity=Severity.WARNING,
    applies_to=frozenset({CatalogMatch.DEFINED}),
    cost=Cost.PER_EVENT,
    check=_check,
    needs="deprecated_properties",
    text=RuleText(
        label="Deprecated property still sent",
        what="Events still carry a property that the definition calls deprecated.",
        next="Stop sending it; its description says what replaces it. The event stays valid until it is removed.",
    ),
)
