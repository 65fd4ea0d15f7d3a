"""The lists of requests and of QA: empty, filtered, exported, and how many queries they take."""

import pytest

from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.requests.pages.page_answers import queries_of, text_of

pytestmark = pytest.mark.django_db


def test_lists_tell_an_empty_house_from_filters_that_find_nothing(client_of):
    members = TeamFixture.create()
    pm, viewer = client_of(members.pm), client_of(members.viewer)
    assert "Write the first request" in text_of(pm.get("/requests/"))
    assert "Write the first request" not in text_of(viewer.get("/requests/"))
    assert "Nothing waits for QA" in text_of(pm.get("/qa/"))
    lifecycle = RequestFactory.developed(members=members)
    assert "No request matches" in text_of(pm.get("/requests/?state=live"))
    assert "Nothing waits on you" in text_of(pm.get("/requests/?waiting_on=me"))
    assert "No delivery matches" in text_of(pm.get("/qa/?state=live"))
    assert lifecycle.request.title in text_of(client_of(members.qa).get("/requests/?waiting_on=me"))
    assert lifecycle.change.name in text_of(pm.get("/qa/"))
    assert "Filter requests" in text_of(pm.get("/requests/?state=nonsense&author=nobody&event=x"))


def test_a_list_is_exported_as_it_is_filtered(client_of):
    lifecycle = RequestFactory.requested(title="=cmd()")
    RequestFactory.draft(members=lifecycle.members, title="Other")
    content = text_of(client_of(lifecycle.members.viewer).get("/requests/?state=requested&export=csv"))
    assert "'=cmd()" in content
    assert "Other" not in content
    assert lifecycle.delivery.source.slug in text_of(
        client_of(lifecycle.members.viewer).get("/qa/?state=planned&export=json")
    )


def test_hidden_filters_stay_when_others_change(client_of):
    lifecycle = RequestFactory.requested()
    text = text_of(client_of(lifecycle.members.pm).get("/requests/?waiting_on=me"))
    assert '<input type="hidden" name="waiting_on" value="me">' in text


def test_lists_stay_within_their_budget(client_of, django_assert_max_num_queries):
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    for number in range(8):
        RequestFactory.developed(members=members, sources=[source], document=definition(f"Event {number}"))
    browser = client_of(members.qa)
    for url in ("/requests/", "/requests/?waiting_on=me", "/qa/", "/qa/?waiting_on=me"):
        queries_of(browser, url, django_assert_max_num_queries, 12)
