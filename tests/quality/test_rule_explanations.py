"""Every rule is explained in a sentence."""

import pytest

from catalog.contract import Severity, Verdict
from catalog.contract.json.pointers import path_label
from catalog.contract.rules import rule_tables
from catalog.contract.rules.event_rule import ALL_EVENTS, Cost, EventRule
from catalog.contract.rules.rule_tables import EVENT_RULES, SCHEMA_RULES
from catalog.contract.rules.rule_text import RuleText
from tracking.quality.explanations import EXPLANATIONS, MAY_BE_MORE, explain
from tracking.quality.models import Finding

OUR_RULES = [*(rule.code for rule in SCHEMA_RULES), *(rule.code for rule in EVENT_RULES)]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/properties/total", "total"),
        ("/properties/products/*/price", "products[].price"),
        ("/properties/products/0/price", "products[0].price"),
        ("/properties/grid/*/*", "grid[][]"),
        ("/properties/tags/?", "tags.(any key)"),
        ("/context/app/version", "context.app.version"),
        ("/traits/plan", "traits.plan"),
        ("/properties/a~1b~0c", "a/b~c"),
        ("", "The event"),
    ],
)
def test_a_place_reads_as_people_say_it(path: str, words: str) -> None:
    assert path_label(path) == words


@pytest.mark.parametrize("rule", [*EXPLANATIONS, *OUR_RULES, "not", "oneOf", "{place}"])
def test_every_rule_has_a_sentence_and_a_next_step(rule: str) -> None:
    hostile = Finding(rule=rule, path="/properties/{came}", expected="{0}", came="{place.__class__}")
    explanation = explain(hostile)
    assert explanation.what.endswith(".")
    assert explanation.next.endswith(".")


def test_the_sentence_names_both_sides() -> None:
    finding = Finding(rule="type", path="/properties/total", expected="number", came='"27.50"')
    assert explain(finding).what == 'total has the wrong type: expected number, came "27.50".'


@pytest.mark.parametrize(
    ("path", "keys", "place"),
    [
        ("/properties/?", {"email": 5}, "email"),
        ("/properties/?", {}, "A property that the definition does not name"),
        ("/properties/?", {"b": 1, "a": 1}, "A property that the definition does not name (a, b)"),
        (
            "/properties/buyer/?",
            {"a": 1, "b": 3, "c": 2, "d": 1, "e": 1},
            "A property in buyer that the definition does not name (buyer.b, buyer.c, buyer.a and 2 more)",
        ),
        ("/context/?", {"x/y": 1}, "context.x/y"),
        ("/properties/a/?/b", {}, "a.(any key).b"),
    ],
)
def test_a_place_that_the_definition_does_not_name_is_told_by_the_keys_that_came(
    path: str, keys: dict[str, int], place: str
) -> None:
    explanation = explain(Finding(rule="sensitive", path=path, unknown_keys=keys, expected="a value without"))
    assert explanation.what.startswith(f"{place} holds personal data") and explanation.place == place


@pytest.mark.parametrize("rule", OUR_RULES)
def test_a_rule_of_ours_has_words_of_its_own(rule: str) -> None:
    other = explain(Finding(rule="other", path="/event", came="x"))
    assert explain(Finding(rule=rule, path="/event", came="x")).what != other.what.replace("other", rule)


@pytest.mark.parametrize("cost", list(Cost))
def test_a_rule_that_looks_into_texts_says_that_it_may_count_less_than_there_is(
    monkeypatch: pytest.MonkeyPatch, cost: Cost
) -> None:
    rule = EventRule(
        code="session",
        severity=Severity.WARNING,
        applies_to=ALL_EVENTS,
        cost=cost,
        value_of=(lambda facts: facts.source) if cost is Cost.PER_DISTINCT_VALUE else None,
        may_break=(lambda event, texts: True) if cost is Cost.PER_NEW_TEXT else None,
        check=lambda facts: (),
        text=RuleText("Events come without a session.", "Start one."),
    )
    monkeypatch.setattr(rule_tables, "EVENT_RULES", (*EVENT_RULES, rule))
    expected = f"Start one. {MAY_BE_MORE}" if cost is Cost.PER_NEW_TEXT else "Start one."
    assert explain(Finding(rule="session", path="/event")).next == expected
    assert MAY_BE_MORE not in explain(Finding(rule="undocumented", path="/event")).next


def test_what_makes_no_finding_has_no_explanation() -> None:
    # An event that could not be checked goes into quarantine; no rule is broken.
    assert Verdict.UNCHECKED.value not in EXPLANATIONS
