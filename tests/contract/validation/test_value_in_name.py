"""The rule `name`: a value inside a name is told from a word."""

import time

import pytest

from catalog.contract import Event
from catalog.contract.rules.event_rule import CatalogMatch, EventFacts
from catalog.contract.rules.name import NAME, value_in_name

WITH_VALUES = {
    "Viewed 550e8400-e29b-41d4-a716-446655440000": "a UUID",
    "Viewed 50314b8e9bcf000000000000": "an id",
    "Issue #17 Opened": "an id",
    "Order 50314 Completed": "a number",
    "order50314completed": "a number",
    "Paid 27.50": "a number",
    "Report of 2026-11-27": "a date",
    "Report 27.11.2026": "a date",
    "https://x.example/shop": "an address",
    "/products/blue-shirt": "an address",
    "Viewed anna@example.org": "an email address",
    "/reset?token=abc": "a secret, such as a token or a key",
    "product_undefined_viewed": "what a program writes for nothing",
    "order_null": "what a program writes for nothing",
    "Viewed None": "what a program writes for nothing",
    "Viewed undefined": "what a program writes for nothing",
    "Clicked [object Object]": "what a program writes for nothing",
    "Viewed {{product}}": "a template that was not filled",
    "Viewed %s": "a template that was not filled",
}
WITHOUT = [
    *(
        "Order Completed",
        "order_completed",
        "Step 2 Completed",
        "Top 10 Viewed",
        "404 Shown",
        "GA4 Synced",
        "3D Secure Opened",
        "Form 1040 Viewed",
        "Web 2.0 Opened",
        "Sale 2026 Opened",
        "#1 Fan Clicked",
    ),
    *(
        "Nullable Field Shown",
        "None Of The Above Clicked",
        "null state viewed",
        "viewed_nonNull",
        "Predefined Undefinedness",
        "nonetheless",
        "deadbeef",
        "feedback",
        "Half-price Seen",
        "100% Watched",
        "日本",
        "",
        "a/b Test",
    ),
]


@pytest.mark.parametrize(("name", "value"), WITH_VALUES.items())
def test_a_value_is_told_by_its_kind(name: str, value: str) -> None:
    assert value_in_name(name) == value


@pytest.mark.parametrize("name", WITHOUT)
def test_words_are_no_value(name: str) -> None:
    assert value_in_name(name) == ""


@pytest.mark.parametrize("part", ["a", "0", "0a", "/", "1/", "-", "{{", "#", "undefined"])
def test_it_takes_linear_time(part: str) -> None:
    started = time.thread_time()
    value_in_name((part * 100_000)[:100_000])
    assert time.thread_time() - started < 1


def test_it_is_asked_of_names_that_nobody_defined() -> None:
    assert NAME.applies_to == {CatalogMatch.UNDOCUMENTED}
    facts = EventFacts(Event(call="track", event="Viewed 50314"), CatalogMatch.UNDOCUMENTED, "shop", "production", "")
    (violation,) = NAME.violations(facts)
    assert (violation.path, violation.severity, violation.came) == ("/event", "warning", '"Viewed 50314"')
    page = EventFacts(Event(call="page", event="/products/50314"), CatalogMatch.UNDOCUMENTED, "shop", "production", "")
    assert NAME.violations(page) == ()


def test_a_spelling_of_a_defined_name_is_told_before_a_value_in_it() -> None:
    event = Event(call="track", event="order 50314 completed")
    facts = EventFacts(event, CatalogMatch.UNDOCUMENTED, "shop", "production", "")
    facts.defined_name_alike = "Order 50314 Completed"
    (violation,) = NAME.violations(facts)
    assert violation.expected == 'the name as it is defined, "Order 50314 Completed"'
