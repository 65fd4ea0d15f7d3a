"""`message_id`: two different events came with one id."""

from collections.abc import Iterable

from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity


def _check(facts: EventFacts) -> Iterable[Breach]:
    return (Breach("/message_id", "an id that no other event has", facts.event.message_id),)


MESSAGE_ID = EventRule(
    code="message_id",
    severity=Severity.WARNING,
    applies_to=ALL_EVENTS,
    cost=Cost.PER_EVENT,
    check=_check,
    needs="is_id_reused",
    text=RuleText(
        label="Id of another event",
        what=(
            "An event came with the id of another one within a day, {came}, and is of somebody else or says something "
            "else."
        ),
        next=(
            "Give each event an id of its own (a UUID) when it happens, and keep it only when that event is sent "
            "again. Both are counted here; two of one person that say the same would be taken for one, sent twice."
        ),
    ),
)
