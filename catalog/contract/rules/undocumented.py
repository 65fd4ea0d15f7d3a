"""`undocumented`: an event that nobody defined."""

from collections.abc import Iterable

from catalog.contract.rules.event_rule import Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity


def _check(facts: EventFacts) -> Iterable[Breach]:
    return (Breach("/event", "an event that the catalog defines", facts.event.event),)


UNDOCUMENTED = EventRule(
    code="undocumented",
    severity=Severity.ERROR,
    applies_to=frozenset({CatalogMatch.UNDOCUMENTED}),
    cost=Cost.PER_EVENT,
    check=_check,
    text=RuleText(
        label="Event that nobody defined",
        what="Nobody has defined this event.",
        next="Propose a definition (it is filled in from what arrived), or stop sending it.",
    ),
)
