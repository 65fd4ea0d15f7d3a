"""`name`: a name that nobody defined reads like one that is, or carries a value; either is an event of its own."""

import re
from collections.abc import Iterable

from catalog.contract.json.text import json_text
from catalog.contract.pii_detection import kind_of_text
from catalog.contract.rules.event_rule import Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity
from catalog.contract.sensitive_keys import MAX_INSPECTED_CHARACTERS

# The first that is found is told. Every quantifier is bounded or stands alone.
_VALUES = (
    ("a UUID", re.compile(r"[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}")),
    ("an address", re.compile(r"[a-z][a-z+]{1,10}://\S|^/[\w.~-]+/")),
    (
        "a date",
        re.compile(r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2}|\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2}))(?!\d)"),
    ),
    ("an id", re.compile(r"(?<![A-Za-z0-9])(?=[a-f]{0,31}\d)(?=\d{0,31}[a-f])[\da-f]{12,64}(?![A-Za-z0-9])|#\d\d")),
    # Shorter ones are years, forms and versions that people name: Form 1040 Viewed, Web 2.0 Opened.
    ("a number", re.compile(r"\d{5}|\d[.,]\d\d")),
    (
        "what a program writes for nothing",
        # These begin what people write, too: None Of The Above Clicked, null state viewed.
        re.compile(r"(?<![^\W_])undefined(?![^\W_])|(?<![^\W_])(?:null|NaN|None)\Z|\[object \w"),
    ),
    ("a template that was not filled", re.compile(r"\{\{|\$\{|%[sd](?!\w)|<%")),
)


def _check(facts: EventFacts) -> Iterable[Breach]:
    name = facts.event.event
    if facts.event.call != "track" or not isinstance(name, str):
        return ()  # a page or screen that nobody defined counts under its call
    if facts.defined_name_alike:
        return (Breach("/event", f"the name as it is defined, {json_text(facts.defined_name_alike)}", name),)
    value = value_in_name(name)
    if not value:
        return ()
    return (Breach("/event", f"a name that is the same each time; this one holds {value}", name),)


def value_in_name(name: str) -> str:
    """Return in words what kind of value a name carries; "" where it carries none that can be told from a word."""
    inspected = name[:MAX_INSPECTED_CHARACTERS]
    if (kind := kind_of_text(inspected)) is not None:
        return kind.description
    return next((words for words, pattern in _VALUES if pattern.search(inspected)), "")


NAME = EventRule(
    code="name",
    severity=Severity.WARNING,
    applies_to=frozenset({CatalogMatch.UNDOCUMENTED}),
    cost=Cost.PER_DISTINCT_VALUE,
    value_of=lambda facts: (facts.event.call, facts.event.event),
    check=_check,
    text=RuleText(
        label="Name that cannot be defined",
        what="The name of the event is not one that can be defined: expected {expected}, came {came}.",
        next=(
            "Correct the sender: spell the name as it is defined, and send a value as a property (Product Viewed with "
            "a product_id). Each spelling and each value is an event of its own otherwise, and past a limit they count "
            "as (other)."
        ),
    ),
)
