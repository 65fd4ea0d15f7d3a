"""What the page of a finding says would do: the same as the check of the API says of one event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Team
from catalog.models import Source
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import ingest
from tests.page_text import one_line
from tracking.quality.finding_advice import advice_on
from tracking.quality.models import Finding

PROPERTIES = {
    "total": {"type": "number", "sensitivity": "none"},
    "paid_at": {"type": "string", "format": "date-time", "sensitivity": "none"},
    "method": {"enum": ["card", "cash"], "sensitivity": "none"},
    "plan": {"enum": ["free", "paid"]},
    "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
}
GOOD = {"total": 1}


@pytest.fixture
def source(team: Team) -> Source:
    source = SourceFactory.create(owner_team=team)
    schema = {"type": "object", "properties": PROPERTIES, "required": ["total"]}
    EventFactory.create(
        name="Order Completed",
        definition=definition(schema=schema),
        sources=[source],
        owner_team=team,
        is_live=True,
    )
    return source


def finding_of(source: Source, *events: dict[str, Any], rule: str) -> Finding:
    """Let events arrive, and return what was found."""
    ingest(source, "Order Completed", list(events), app_version="2.0.0")
    return Finding.objects.select_related("source", "seen_name").get(rule=rule)


@pytest.mark.parametrize(
    ("properties", "rule", "sentence"),
    [
        ({}, "required", "total is missing: send a number"),
        ({"totl": 5}, "required", "total is missing. “totl” came instead: is it that?"),
        ({"total": "27.5"}, "type", "Send it without quotes"),
        (GOOD | {"method": "crad"}, "enum", 'Did you mean "card"?'),
        (GOOD | {"paidAt": 1}, "unknown_property", "paidAt is not described. Did you mean “paid_at”?"),
        (GOOD | {"lines": [{"sku": "a"}, {"skuu": "b"}]}, "unknown_property", "Did you mean “sku”?"),
        (GOOD | {"lines": [{"sku": "a"}, {"sku": None}]}, "type", "Leave it out where there is no value."),
    ],
)
def test_who_sees_samples_is_told_what_would_do(
    source: Source, client_of: Callable[..., Client], properties: dict[str, Any], rule: str, sentence: str
) -> None:
    finding = finding_of(source, properties, rule=rule)
    page = one_line(client_of(person("developer")).get(finding.get_absolute_url()).content.decode())
    told = page[page.index('id="advice"') :].partition("</div>")[0]
    assert sentence in told.replace("&quot;", '"')


def test_a_time_without_an_offset_says_so(source: Source) -> None:
    finding = finding_of(source, GOOD | {"paid_at": "2026-03-01T10:00:00"}, rule="format")
    expected = 'The offset from UTC is missing. In UTC it is written "2026-03-01T10:00:00Z".'
    assert advice_on(finding, sees_samples=True) == [expected]


def test_what_a_mask_hides_is_no_part_of_it(source: Source) -> None:
    """Nobody said that a plan may be seen: what came near an allowed value is not there to be compared."""
    finding = finding_of(source, GOOD | {"plan": "fre"}, rule="enum")
    assert "fre" not in str(finding.samples)
    assert advice_on(finding, sees_samples=True) == []


def test_who_sees_no_samples_is_told_what_the_definition_says_alone(
    source: Source, client_of: Callable[..., Client]
) -> None:
    finding = finding_of(source, {"totl": 5}, rule="required")
    assert advice_on(finding, sees_samples=False) == ["total is missing: send a number, such as 1.5."]
    page = client_of(person("viewer")).get(finding.get_absolute_url()).content.decode()
    assert "total is missing: send a number" in page
    assert "came instead" not in page


def test_unknown_names_are_on_the_page_anyway_and_are_compared_for_everybody(source: Source) -> None:
    finding = finding_of(source, GOOD | {"paidAt": 1}, GOOD | {"Method": "x"}, rule="unknown_property")
    assert sorted(advice_on(finding, sees_samples=False)) == [
        "Method is not described. Did you mean “method”?",
        "paidAt is not described. Did you mean “paid_at”?",
    ]


def test_the_same_sentence_is_told_once_and_few_are(source: Source) -> None:
    unknown = [GOOD | {f"key{number}": number} for number in range(5)]
    finding = finding_of(source, *unknown, rule="unknown_property")
    assert len(advice_on(finding, sees_samples=True)) == 3
    missing = finding_of(source, {}, {}, {}, rule="required")
    assert len(advice_on(missing, sees_samples=True)) == 1


def test_samples_of_an_older_release_do_not_say_where(source: Source) -> None:
    finding = finding_of(source, {}, rule="required")
    finding.samples = [{"event": sample["event"]} for sample in finding.samples]
    assert advice_on(finding, sees_samples=True) == ["total is missing: send a number, such as 1.5."]
    nested = finding_of(source, GOOD | {"lines": [{"sku": None}]}, rule="type")
    nested.samples = [{"event": sample["event"]} for sample in nested.samples]
    assert advice_on(nested, sees_samples=True) == []


@pytest.mark.parametrize("rule", ["undocumented", "clock"])
def test_a_finding_without_a_definition_has_none(source: Source, rule: str, client_of: Callable[..., Client]) -> None:
    ingest(source, "Nobody Knows", [{}], app_version="2.0.0")
    finding = Finding.objects.get(rule="undocumented")
    Finding.objects.filter(pk=finding.pk).update(rule=rule, path="/properties/total")
    page = client_of(person("developer")).get(finding.get_absolute_url()).content.decode()
    assert 'id="advice"' not in page
