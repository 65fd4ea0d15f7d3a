"""`app_version`: an event says no app version that can be read, where its source tells its versions apart by it."""

from collections.abc import Iterable

from catalog.contract.json.pointers import ABSENT, parse_pointer, value_at
from catalog.contract.rules.event_rule import Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity


def _check(facts: EventFacts) -> Iterable[Breach]:
    path = facts.missing_app_version
    if facts.app_version and path == "/app_version":
        came: object = facts.app_version
    else:
        field, *steps = parse_pointer(path)
        came = value_at(getattr(facts.event, field, None), steps)
    return (Breach(path, "an app version in the order of the source", None if came is ABSENT else came),)


APP_VERSION = EventRule(
    code="app_version",
    severity=Severity.WARNING,
    applies_to=frozenset({CatalogMatch.DEFINED}),
    cost=Cost.PER_EVENT,
    check=_check,
    needs="missing_app_version",
    text=RuleText(
        label="App version missing or unreadable",
        what="Events come without an app version that can be read: expected {expected}, came {came}.",
        next=(
            "Let the app send its version at this place, or say on the source where it stands and how it is written. "
            "Until then these events are held against what is live, and are evidence for nothing newer."
        ),
    ),
)
