"""`wrong_source`: an event that is defined, but not for the source that sent it."""

from collections.abc import Iterable

from catalog.contract.rules.event_rule import Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity


def _check(facts: EventFacts) -> Iterable[Breach]:
    return (Breach("/event", "an event that this source is meant to send", facts.event.event),)


WRONG_SOURCE = EventRule(
    code="wrong_source",
    severity=Severity.ERROR,
    applies_to=frozenset({CatalogMatch.WRONG_SOURCE}),
    cost=Cost.PER_EVENT,
    check=_check,
    text=RuleText(
        label="Event not defined for its source",
        what="This event is defined, but not for this source.",
        next="Ask for it on this source with a request, or stop sending it from here.",
    ),
)
