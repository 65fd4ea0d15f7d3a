"""The filter *Rule* of findings: chosen by words, named by codes in links and in the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Team
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory
from tests.page_text import one_line
from tests.quality.evaluated_batches import NOON, make_seen_name
from tracking.quality.explanations import EXPLANATIONS, rule_choices, rule_label
from tracking.quality.models import Finding


@pytest.fixture
def findings(team: Team) -> dict[str, Finding]:
    """A finding of each of three rules, of which nobody named the last."""
    source = SourceFactory.create(owner_team=team)
    return {
        rule: Finding.objects.create(
            source=source,
            seen_name=make_seen_name(f"Event of {rule}"),
            environment="production",
            path="/properties/total",
            rule=rule,
            severity="error",
            first_seen=NOON,
            last_seen=NOON,
        )
        for rule in ("type", "clock", "of_a_plugin")
    }


def listed(client: Client, **query: str) -> tuple[set[str], str]:
    page = one_line(client.get(reverse("quality:findings"), query).content.decode())
    return {rule for rule in ("type", "clock", "of_a_plugin") if f"Event of {rule}" in page}, page


def test_rules_are_offered_by_their_words(findings: dict[str, Finding], client_of: Callable[..., Client]) -> None:
    found, page = listed(client_of(person("viewer")))
    assert len(found) == 3
    options = page[page.index('name="rule"') :].partition("</select>")[0]
    assert 'value=""' in options and "Rule: any" in options
    assert "Wrong type" in options and "Time that cannot be relied on" in options


@pytest.mark.parametrize(("rule", "words"), [("type", "Wrong type"), ("clock", "Time that cannot be relied on")])
def test_a_link_with_a_code_chooses_it(
    findings: dict[str, Finding], client_of: Callable[..., Client], rule: str, words: str
) -> None:
    found, page = listed(client_of(person("viewer")), rule=rule)
    assert found == {rule}
    assert f'<option value="{rule}" selected>{words}</option>' in page
    assert f'<span class="label">Rule</span> {words}' in page


def test_a_link_with_a_code_that_nobody_named_works_too(
    findings: dict[str, Finding], client_of: Callable[..., Client]
) -> None:
    found, page = listed(client_of(person("viewer")), rule="of_a_plugin")
    assert found == {"of_a_plugin"}
    assert '<option value="of_a_plugin" selected>of_a_plugin</option>' in page


@pytest.mark.parametrize("text", ["Type", " type", "typ", "<script>", "x" * 500])
def test_the_code_counts_exactly(findings: dict[str, Finding], client_of: Callable[..., Client], text: str) -> None:
    found, page = listed(client_of(person("viewer")), rule=text)
    assert found == set()
    assert "<script>" not in page.partition('name="rule"')[2].partition("</select>")[0]


def test_the_api_takes_the_codes(findings: dict[str, Finding], api_of: Callable[..., APIClient]) -> None:
    api = api_of(person("viewer"))
    for rule in (*findings, "nobody_knows"):
        answer = api.get("/api/v1/findings/", {"rule": rule})
        assert answer.status_code == 200
        assert [row["rule"] for row in answer.json()["results"]] == ([rule] if rule in findings else [])


def test_every_rule_that_is_explained_has_a_label_of_its_own() -> None:
    labels = dict(rule_choices())
    assert set(EXPLANATIONS) <= set(labels)
    assert all(label != code for code, label in labels.items())
    assert len(set(labels.values())) == len(labels)
    assert rule_label("of_a_plugin") == "of_a_plugin"
