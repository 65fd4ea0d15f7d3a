"""The rule `sensitive`: what it finds where nothing is declared, and that it never says the value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contract import Event
from catalog.contract.rules.event_rule import CatalogMatch, EventFacts
from catalog.contract.rules.sensitive import MAX_BREACHES, SENSITIVE


def broken(decided: frozenset[str] = frozenset(), **fields: Any) -> list[tuple[str, str, str]]:
    """The definition path, the severity and the kind of each breach."""
    facts = EventFacts(Event(call="track", event="A", **fields), CatalogMatch.DEFINED, "shop", "production", "")
    facts.decided_paths = decided
    violations = SENSITIVE.violations(facts)
    assert "example.org" not in json.dumps([violation.as_json() | {"path": ""} for violation in violations])
    return [
        (violation.definition_path, violation.severity.value, json.loads(violation.came)) for violation in violations
    ]


EMAIL, CARD, SECRET = "an email address", "a card number", "a secret, such as a token or a key"
ANNA = "anna@example.org"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"properties": {"note": f"write to {ANNA}"}}, [("/properties/note", "warning", EMAIL)]),
        ({"traits": {"contact": ANNA}}, [("/traits/contact", "warning", EMAIL)]),
        ({"context": {"page": {"url": "/reset?token=abc"}}}, [("/context/page/url", "error", SECRET)]),
        ({"properties": {"text": "paid with 4111 1111 1111 1111"}}, [("/properties/text", "warning", CARD)]),
        ({"properties": {"number": 4111111111111111}}, [("/properties/number", "warning", CARD)]),
        ({"properties": {"key": "glpat-aaaaaaaaaaaaaaaaaaaa"}}, [("/properties/key", "error", SECRET)]),
        ({"properties": {"items": [{"by": "x"}, {"by": ANNA}]}}, [("/properties/items/*/by", "warning", EMAIL)]),
        ({"properties": {"by": {ANNA: {"mail": ANNA}}}}, [("/properties/by/?/mail", "warning", EMAIL)]),
        ({"user_id": ANNA}, [("/user_id", "warning", EMAIL)]),
        ({"anonymous_id": "+49 151 23456789"}, [("/anonymous_id", "warning", "a phone number")]),
        (
            {"user_id": {"mail": ANNA}, "message_id": [ANNA]},
            [("/user_id/mail", "warning", EMAIL), ("/message_id/*", "warning", EMAIL)],
        ),
        ({"properties": {"paid_with": 4111111111111111}}, [("/properties/paid_with", "warning", CARD)]),
        ({"anonymous_id": 4111111111111111, "properties": {"order_id": "4111111111111111"}}, []),
        ({"anonymous_id": "4111 1111 1111 1111"}, [("/anonymous_id", "warning", CARD)]),
        ({"properties": {"order_id": "0095008221979764"}}, []),
        ({"user_id": "004915123456789"}, [("/user_id", "warning", "a phone number")]),
        ({"properties": {"card_id": "4111111111111111"}}, [("/properties/card_id", "warning", CARD)]),
        ({"properties": {"order_id": "for 4111111111111111"}}, [("/properties/order_id", "warning", CARD)]),
        ({"properties": {"both": f"{ANNA} Bearer abc"}}, [("/properties/both", "error", SECRET)]),
        ({"context": {"ip": "203.0.113.7", "os": {"version": "10.0.1"}}, "properties": {"flag": True, "n": None}}, []),
        ({"properties": [ANNA]}, [("/properties/*", "warning", EMAIL)]),
        ({"properties": ANNA}, [("/properties", "warning", EMAIL)]),
        ({"context": {"userAgentData": {"fullVersionList": [{"version": "1.4.0.12"}]}}}, []),
        (
            {"properties": {"appVersion": "1.4.0.112", "v": "1.4.0.12", "host": "1.4.0.112"}},
            [("/properties/host", "warning", "an IP address")],
        ),
        ({"properties": {"version": ANNA}}, [("/properties/version", "warning", EMAIL)]),
        ({"message_id": "ajs-next-1795000000000-55555555-5555-4018-9d2e-1b7d5a0c3f11"}, []),
        ({}, []),
    ],
)
def test_what_nobody_declared_is_told_by_its_kind(fields: dict[str, Any], found: list[tuple[str, str, str]]) -> None:
    assert broken(**fields) == found


@pytest.mark.parametrize("path", ["/properties/by/?/mail", "/properties/by/?", "/properties/by", "/properties"])
def test_what_is_declared_is_not_told_nor_what_is_below_it(path: str) -> None:
    assert broken(frozenset({path}), properties={"by": {"anna": {"mail": ANNA}}}) == []


def test_traits_that_came_in_the_context_are_told_once() -> None:
    traits = {"contact": ANNA}
    assert broken(traits=traits, context={"traits": traits}) == [("/traits/contact", "warning", EMAIL)]
    others = {"contact": "bea@example.org"}
    assert [path for path, *_ in broken(traits=traits, context={"traits": others})] == [
        "/traits/contact",
        "/context/traits/contact",
    ]


def test_keys_that_the_definition_does_not_name_are_one_place() -> None:
    fields = {"properties": {"a": ANNA, "b": ANNA, "known": ANNA}, "context": {"page": {"title": ANNA}}}
    facts = EventFacts(Event(call="track", event="A", **fields), CatalogMatch.DEFINED, "shop", "production", "")
    facts.defined_key_paths = frozenset({"/properties/known"})
    found = [(violation.path, violation.definition_path) for violation in SENSITIVE.violations(facts)]
    assert found == [
        ("/properties/a", "/properties/?"),
        ("/properties/b", "/properties/?"),
        ("/properties/known", "/properties/known"),
        ("/context/page/title", "/context/page/title"),
    ]


def test_only_so_much_is_told_of_one_event() -> None:
    assert len(broken(properties={f"p{number}": ANNA for number in range(100)})) == MAX_BREACHES


def test_an_event_that_nests_deeply_ends() -> None:
    nested: Any = ANNA
    for _ in range(3_000):
        nested = [nested]
    assert len(broken(properties={"a": nested})) == 1
