"""The search page: what one box finds in events, properties and requests, and what it says where it finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from home.site_search import MAX_RESULTS, search_site
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, PropertyFactory, definition
from tests.factories.requests import RequestFactory

ClientOf = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def search(client_of: ClientOf, stranger: User) -> Callable[[str], str]:
    """A function from words to the page that a stranger gets for them."""
    client = client_of(stranger)

    def page(text: str) -> str:
        response = client.get("/search/", {"q": text})
        assert response.status_code == 200
        return response.content.decode()

    return page


def groups(page: str) -> list[str]:
    """The headings of the groups, in their order."""
    return re.findall(r"<h2 id=\"\w+\">(\w+)</h2>", page)


def create_refund_entries() -> None:
    """An event, a property and a request that share the word "refund", and one event that has no part in it."""
    EventFactory.create(name="Refund Granted", definition=definition("Refund Granted", description="Money went back."))
    PropertyFactory.create(name="refund_reason", description="Why it was given back")
    RequestFactory.draft(title="Why people ask for a refund", document=definition("Wish Made"))
    EventFactory.create(name="Search Performed")


def test_a_word_finds_events_properties_and_requests_by_kind() -> None:
    create_refund_entries()
    found = search_site("refund")
    assert [event.name for event in found.events] == ["Refund Granted"]
    assert [one.name for one in found.properties] == ["refund_reason"]
    assert [request.title for request in found.requests] == ["Why people ask for a refund"]
    assert (found.total, found.suggestions) == (3, [])


def test_the_page_groups_them(search: Callable[[str], str]) -> None:
    create_refund_entries()
    page = search("refund")
    assert groups(page) == ["Events", "Properties", "Requests"]
    assert "3 results for “refund”" in page
    for shown in ("Refund Granted", "refund_reason", "Why people ask for a refund", "/events/?q=refund"):
        assert shown in page
    assert "Search Performed" not in page and "Did you mean" not in page


def test_a_group_without_a_result_is_left_out(search: Callable[[str], str]) -> None:
    create_refund_entries()
    page = search("reason")
    assert groups(page) == ["Properties"]
    assert "1 result for “reason”" in page


def test_a_misspelt_name_is_answered_with_the_near_one(search: Callable[[str], str]) -> None:
    event = EventFactory.create(name="Order Completed")
    found = search_site("Ordr Compleeted")
    assert (found.total, found.suggestions) == (0, [event])
    page = search("Ordr Compleeted")
    assert "Did you mean" in page and event.get_absolute_url() in page
    assert "Nothing found for “Ordr Compleeted”" in page and groups(page) == []


def test_what_nothing_comes_near_says_what_to_do(client_of: ClientOf, search: Callable[[str], str]) -> None:
    EventFactory.create(name="Order Completed")
    page = search("zzz")
    assert "Nothing has this name" in page and "Did you mean" not in page
    assert "ask a product manager" in page and "/requests/new/" not in page
    offered = client_of(person(Role.PM)).get("/search/", {"q": "Wish & Made"}).content.decode()
    assert "/requests/new/?name=Wish%20%26%20Made" in offered


def test_a_handful_of_each_is_shown() -> None:
    for number in range(MAX_RESULTS + 2):
        EventFactory.create(name=f"Order Step {number}")
    assert len(search_site("order").events) == MAX_RESULTS


@pytest.mark.parametrize("text", ["", "   ", "\0"])
def test_an_empty_box_leads_home(client_of: ClientOf, stranger: User, text: str) -> None:
    response = client_of(stranger).get("/search/", {"q": text})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_hostile_words_are_words(search: Callable[[str], str]) -> None:
    EventFactory.create(name="Order Completed")
    for text in ("<script>alert(1)</script>", "' OR 1=1 --", "a:* & !b |", "%", "x" * 5_000):
        assert "<script>alert" not in search(text)


def test_whoever_has_not_signed_in_is_asked_to(client: Client) -> None:
    assert client.get("/search/?q=order")["Location"] == "/accounts/login/?next=/search/%3Fq%3Dorder"
