"""`unreadable`: an event without a usable name or call, so that nothing can be looked up."""

from collections.abc import Iterable

from catalog.contract.normalized_event import Event
from catalog.contract.rules.event_rule import Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity


def unreadable_reason(event: Event) -> str:
    """Return what an event without a usable name or call should have had, or "" where it has both."""
    if not event.call:
        return "an object with a call: track, page, screen, identify, group or alias"
    if not isinstance(event.event, str) or not event.event.strip():
        return "a name that is a text"
    return ""


def _check(facts: EventFacts) -> Iterable[Breach]:
    return (Breach("/event", unreadable_reason(facts.event) or "an event with a name", facts.event.event),)


UNREADABLE = EventRule(
    code="unreadable",
    severity=Severity.ERROR,
    applies_to=frozenset({CatalogMatch.UNREADABLE}),
    cost=Cost.PER_EVENT,
    check=_check,
    text=RuleText(
        label="Event without a usable name",
        what="Events arrive without a usable name, so nothing can be looked up.",
        next="Find the call that sends an empty name or one that is not text.",
    ),
)
