"""`identity`: an event says nothing, or nothing that can be used, about whose it is."""

from collections.abc import Iterable

from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity
from catalog.contract.usable_ids import id_text

FIELDS = ("user_id", "anonymous_id")


def _check(facts: EventFacts) -> Iterable[Breach]:
    event = facts.event
    user_id, anonymous_id = event.user_id, event.anonymous_id
    # RudderStack's SDK for browsers sends an empty text as the user of a visitor who did not log in.
    if user_id in (None, "") and anonymous_id in (None, ""):
        return (Breach("/user_id", "an id of the user or of the device", user_id),)
    breaches = []
    for name, value in zip(FIELDS, (user_id, anonymous_id), strict=True):
        if value in (None, ""):
            continue
        if isinstance(value, bool | dict | list):
            breaches.append(Breach(f"/{name}", "an id that is a text or a number", value))
        elif not (text := id_text(value)):
            breaches.append(Breach(f"/{name}", "an id, or none at all; this stands for nobody", value))
        elif text != text.strip():
            breaches.append(Breach(f"/{name}", "an id without blanks around it", value))
        elif name in facts.respelled_ids:
            breaches.append(
                Breach(f"/{name}", "an id that is always written alike, in case, blanks and characters", value)
            )
    return breaches


IDENTITY = EventRule(
    code="identity",
    severity=Severity.WARNING,
    applies_to=ALL_EVENTS - {CatalogMatch.UNREADABLE},
    cost=Cost.PER_EVENT,
    check=_check,
    text=RuleText(
        label="Unclear whose event it is",
        what="It cannot be told whose events these are: expected {expected}, came {came}.",
        next=(
            "Send the id that your system knows the user by, as a text or a number, or the SDK's id of the device, and "
            "neither a text such as null nor an object. Until then such an id counts as none, and ids that are written "
            "in two ways count as two people."
        ),
    ),
)
