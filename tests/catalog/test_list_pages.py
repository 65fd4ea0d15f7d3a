"""A page of the catalog is chosen by ids and shows the rows that its order says, however they are found."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from catalog.models import Event
from pages.list_view import IdsFirstPaginator
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import CategoryFactory, EventFactory, SourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(db: None, client_of: Callable[..., Client]) -> Client:
    return client_of(person("viewer"))


def shown(browser: Client, query: str = "") -> list[str]:
    page = browser.get(f"/events/?{query}")
    return [event.name for event in page.context["page"].object_list]


def page_of(rows: QuerySet[Event], number: int) -> list[str]:
    return [event.name for event in IdsFirstPaginator(rows, 2, Event.objects.with_row_data()).page(number)]


def test_every_page_has_its_rows_in_the_order_that_was_asked_for() -> None:
    for name in ("Cart Viewed", "Alert Shown", "Basket Emptied", "Draft Saved", "Draft Sent"):
        EventFactory.create(name=name)
    by_name = Event.objects.order_by("name")
    assert [page_of(by_name, number) for number in (1, 2, 3)] == [
        ["Alert Shown", "Basket Emptied"],
        ["Cart Viewed", "Draft Saved"],
        ["Draft Sent"],
    ]
    assert page_of(Event.objects.order_by("-name"), 3) == ["Alert Shown"]
    assert page_of(Event.objects.search("draft"), 1) == ["Draft Saved", "Draft Sent"]
    assert page_of(Event.objects.none(), 1) == []


@pytest.mark.parametrize("query", ["", "sort=-name", "sort=seen", "q=cancelled", "q=€", "status=planned&sort=-volume"])
def test_a_list_shows_what_its_filters_find_in_their_order(browser: Client, query: str) -> None:
    for name in ("Order Completed", "Order Cancelled", "Price € Shown"):
        EventFactory.create(name=name)
    found = {"q=cancelled": {"Order Cancelled"}, "q=€": {"Price € Shown"}}
    names = shown(browser, query)
    assert len(names) == len(set(names)) and set(names) == found.get(query, set(shown(browser)))
    assert query != "sort=-name" or names == sorted(names, reverse=True)


def test_a_row_that_goes_between_the_two_questions_is_left_out() -> None:
    first, second = EventFactory.create(name="A"), EventFactory.create(name="B")
    present = Event.objects.with_row_data().exclude(pk=first.pk)
    assert list(IdsFirstPaginator(Event.objects.order_by("name"), 2, present).page(1)) == [second]


def test_a_row_is_shown_without_another_question(
    browser: Client, django_assert_num_queries: Callable[[int], Any]
) -> None:
    team, category = TeamFactory.create(), CategoryFactory.create()
    EventFactory.create(name="A", sources=[SourceFactory.create()], owner_team=team, category=category)
    with django_assert_num_queries(1):
        (event,) = Event.objects.with_row_data()
        assert (event.owner_team, event.category, event.platforms) == (team, category, ["web"])
        assert event.description and event.get_absolute_url()
    page = browser.get("/events/").content.decode()
    assert team.name in page and category.name in page and "Web" in page


def test_a_new_choice_of_a_filter_is_offered_at_once_and_what_is_chosen_is_marked(browser: Client) -> None:
    CategoryFactory.create(name="Check & pay", slug="pay")

    def boxes(query: str = "") -> dict[str, bool]:
        page = browser.get(f"/events/?{query}").content.decode()
        found = re.findall(r'name="category" value="([^"]*)" id="[^"]*"( checked)?><label for="[^"]*">([^<]*)<', page)
        return {f"{value}: {label}": bool(checked) for value, checked, label in found}

    assert boxes() == {"pay: Check &amp; pay": False}
    CategoryFactory.create(name="<Browse>", slug="browse")
    assert boxes() == {"pay: Check &amp; pay": False, "browse: &lt;Browse&gt;": False}
    assert boxes("category=browse") == {"pay: Check &amp; pay": False, "browse: &lt;Browse&gt;": True}
    assert boxes() == {"pay: Check &amp; pay": False, "browse: &lt;Browse&gt;": False}
