"""Filters of ids: what they read, and that every list answers any of them at once."""

from __future__ import annotations

from time import process_time

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django_filters import FilterSet, NumberFilter

from catalog import filters as catalog_filters
from pages.filters import MAX_ID, IdField, IdFilter
from tests.factories.requests import TeamFixture
from tracking.quality import filters as quality_filters
from tracking.requests import filters as request_filters
from tracking.traffic import filters as traffic_filters

NO_IDS = [
    "-1",
    "0",
    "00",
    "+1",
    "1.5",
    "1e3",
    "-1e300000",
    "-1e1000000",
    "1e1000000",
    "Infinity",
    "NaN",
    "1_0",
    "²",
    "٣",
]
HUGE_IDS = [str(2**63), "9" * 4301, "9" * 100_000]
SECONDS = 1.0  # of this process: what a machine does beside it is not counted


@pytest.mark.parametrize("text", NO_IDS)
def test_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        IdField(required=False).clean(text)


@pytest.mark.parametrize("text", HUGE_IDS)
def test_an_id_that_no_row_can_have_is_the_largest_one(text: str) -> None:
    assert IdField(required=False).clean(text) == MAX_ID


@pytest.mark.parametrize(
    ("text", "number"), [("", None), (" ", None), ("7", 7), (" 7 ", 7), ("007", 7), (str(MAX_ID), MAX_ID)]
)
def test_an_id_is_read(text: str, number: int | None) -> None:
    assert IdField(required=False).clean(text) == number


def test_every_filter_of_a_number_is_one_of_an_id() -> None:
    modules = (catalog_filters, quality_filters, request_filters, traffic_filters)
    filtersets: list[type[FilterSet]] = [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, FilterSet) and each.__module__ == module.__name__
    ]
    filters = [each for filterset in filtersets for each in filterset.base_filters.values()]
    assert not [each for each in filters if isinstance(each, NumberFilter)]
    assert sum(isinstance(each, IdFilter) for each in filters) == 9


QUERIES = ["/requests/?event=", "/findings/?event=", "/events/?property=", "/sources/?event="]
API_QUERIES = [
    "requests/?event=",
    "deliveries/?event=",
    "deliveries/?request=",
    "findings/?event=",
    "events/?property=",
    "traffic/?event=",
    "properties/?event=",
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", QUERIES + [f"/api/v1/{query}" for query in API_QUERIES])
def test_lists_answer_any_id_at_once(address: str) -> None:
    client = Client()
    client.force_login(TeamFixture.create().pm)
    refused = 400 if address.startswith("/api/") else 200
    assert client.get(f"{address}1").status_code == 200
    for text in NO_IDS + HUGE_IDS[:2]:
        began = process_time()
        answer = client.get(address + text.replace("+", "%2B"))
        assert answer.status_code == (200 if text in HUGE_IDS else refused), text[:20]
        assert process_time() - began < SECONDS, text[:20]
