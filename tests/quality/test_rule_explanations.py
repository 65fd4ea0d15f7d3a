"""Every rule is explained in a sentence."""

import pytest

from catalog.contract.json.pointers import path_label
from catalog.contract.rules.rule_tables import EVENT_RULES, SCHEMA_RULES
from tracking.quality.explanations import EXPLANATIONS, explain
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


@pytest.mark.parametrize("rule", OUR_RULES)
def test_a_rule_of_ours_has_words_of_its_own(rule: str) -> None:
    other = explain(Finding(rule="other", path="/event", came="x"))
    assert explain(Finding(rule=rule, path="/event", came="x")).what != other.what.replace("other", rule)
