"""`clock`: a time that came with an event cannot be read, lies in the future, or long ago."""

from collections.abc import Iterable

from catalog.contract.event_time import ClockFault
from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity

EXPECTED = {
    ClockFault.UNREADABLE: "a time in ISO 8601, such as 2026-11-27T09:30:00Z",
    ClockFault.FUTURE: "a time that is not in the future (10 minutes are granted)",
    ClockFault.ANCIENT: "a time at most 30 days before it was sent",
}


def _check(facts: EventFacts) -> Iterable[Breach]:
    return [
        Breach(f"/{problem.field}", EXPECTED[problem.fault], getattr(facts.event, problem.field))
        for problem in facts.clock_problems
    ]


CLOCK = EventRule(
    code="clock",
    severity=Severity.WARNING,
    applies_to=ALL_EVENTS,
    cost=Cost.PER_EVENT,
    check=_check,
    needs="clock_problems",
    text=RuleText(
        label="Time that cannot be relied on",
        what="Events come with a time that cannot be relied on: expected {expected}, came {came}.",
        next=(
            "Look at how the app takes and writes its time. Until then these events count as having happened when they "
            "were received, and those from the future or from long ago prove nothing."
        ),
    ),
)
