"""`retired`: an event that should no longer be sent."""

from collections.abc import Iterable

from catalog.contract.rules.event_rule import Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity


def _check(facts: EventFacts) -> Iterable[Breach]:
    return (Breach("/event", "no more events of this name", facts.event.event),)


RETIRED = EventRule(
    code="retired",
    severity=Severity.ERROR,
    applies_to=frozenset({CatalogMatch.RETIRED}),
    cost=Cost.PER_EVENT,
    check=_check,
    text=RuleText(
        label="Retired event still arrives",
        what="This event is retired, and still arrives.",
        next="Remove the call from the app; the event's page says whether another event replaces it.",
    ),
)
