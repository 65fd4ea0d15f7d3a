"""Undocumented names and the open requests that would define them."""

import pytest

from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, ingest
from tracking.requests.authoring.draft_editing import add_change, create_request
from tracking.requests.authoring.proposals import names_in_open_requests, open_requests_for_names
from tracking.requests.choices import ChangeAction
from tracking.traffic.models import SeenName

pytestmark = pytest.mark.django_db

COMPOSED, DECOMPOSED = "Caf\N{LATIN SMALL LETTER E WITH ACUTE}", "Cafe\N{COMBINING ACUTE ACCENT}"


@pytest.fixture
def members():
    return TeamFixture.create()


def seen(name, call="track"):
    ingest(SourceFactory.create(), name, [VALID_PAYLOAD])
    return SeenName.objects.get(call=call)


def found(seen_name):
    """What both functions say of one name."""
    return open_requests_for_names([seen_name]).get(seen_name.pk), names_in_open_requests([seen_name.pk])


@pytest.mark.parametrize(
    ("sent", "drafted"),
    [
        (COMPOSED, DECOMPOSED),
        (DECOMPOSED, COMPOSED),
        ("Zed", " Zed "),
        ("Zed ", "Zed"),
        ("Zed\t", "\nZed"),
        (f" {DECOMPOSED}", COMPOSED),
        ("x" * 600, "x" * 600),
    ],
)
def test_a_name_is_compared_in_its_normal_form(members, sent, drafted):
    seen_name = seen(sent)
    lifecycle = RequestFactory.draft(members=members, document=definition(drafted))
    assert found(seen_name) == (lifecycle.request, {seen_name.pk})


@pytest.mark.parametrize(
    ("sent", "drafted"), [("Zed", "zed"), ("Zed", "Ze d"), (COMPOSED, "Cafe"), ("x" * 600, "x" * 512)]
)
def test_another_name_is_another(members, sent, drafted):
    seen_name = seen(sent)
    RequestFactory.draft(members=members, document=definition(drafted))
    assert found(seen_name) == (None, set())


def test_the_same_name_of_another_call_is_another(members):
    seen_name = seen("Zed")
    RequestFactory.draft(members=members, document=definition("Zed", call="page"))
    assert found(seen_name) == (None, set())


def test_the_name_as_it_came_counts_before_the_one_without_blanks(members):
    seen_name = seen("Zed ")
    RequestFactory.draft(members=members, document=definition("Zed"))
    exact = RequestFactory.draft(members=members, document=definition("Zed "))
    assert found(seen_name) == (exact.request, {seen_name.pk})


def test_the_oldest_request_is_found_and_a_rename_is_kept_but_no_proposal(members):
    seen_name = seen("Zed")
    event = EventFactory.create(owner_team=members.team, definition=definition())
    RequestFactory.draft(members=members, event=event, document=definition("Zed"))
    assert found(seen_name) == (None, {seen_name.pk})
    oldest = RequestFactory.draft(members=members, document=definition("Zed"))
    RequestFactory.draft(members=members, document=definition(" Zed"))
    assert found(seen_name)[0] == oldest.request


@pytest.mark.parametrize("call", [[], {}, ["track"], {"a": 1}, 5, True])
@pytest.mark.parametrize("name", ["Zed", ["Zed"], {"Zed": 1}, 5])
def test_a_draft_may_hold_any_json(members, call, name):
    seen_name = seen("Zed")
    draft = create_request(by=members.pm, title="Any JSON")
    add_change(draft, action=ChangeAction.CREATE, by=members.pm, definition={"name": name, "call": call})
    assert found(seen_name) == (None, set())
    good = RequestFactory.draft(members=members, document=definition("Zed"))
    assert found(seen_name) == (good.request, {seen_name.pk})


def test_a_call_that_is_null_is_the_default(members):
    seen_name = seen("Zed")
    lifecycle = RequestFactory.draft(members=members, document=definition("Zed") | {"call": None})
    assert found(seen_name) == (lifecycle.request, {seen_name.pk})


def test_it_costs_two_queries_however_many_names_and_drafts_there_are(members, django_assert_max_num_queries):
    names = []
    for number in range(4):
        ingest(SourceFactory.create(), f"Zed {number}", [VALID_PAYLOAD])
        RequestFactory.draft(members=members, document=definition(f"Zed {number}"))
    names = list(SeenName.objects.order_by("id"))
    with django_assert_max_num_queries(2):
        requests = open_requests_for_names(names)
        assert [request.author for request in requests.values()] == [members.pm] * 4
    with django_assert_max_num_queries(2):
        assert names_in_open_requests([name.pk for name in names]) == {name.pk for name in names}
