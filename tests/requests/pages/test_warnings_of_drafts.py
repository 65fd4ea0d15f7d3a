"""What contradicts the property library: told while it is typed, beside Approve, and by the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import EventFactory, PropertyFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.page_text import one_line
from tests.requests.pages.html_forms import form_values, row_values
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import ChangeAction

pytestmark = pytest.mark.django_db

SPELLING = "orderId is another spelling of order_id"
TYPE = "coupon is string in the property library, and number here."
SCHEMA = {"type": "object", "properties": {"orderId": {"type": "string"}, "coupon": {"type": "number"}}}


@pytest.fixture
def members():
    PropertyFactory.create(name="order_id", schema={"type": "string"})
    PropertyFactory.create(name="coupon", schema={"type": "string"})
    return TeamFixture.create()


def typed(client, rows, **more):
    values = {"change-rows-TOTAL_FORMS": str(len(rows)), "change-rows-INITIAL_FORMS": "0", "change-call": "track"}
    for number, row in enumerate(rows):
        values |= row_values(number, **row)
    return one_line(client.post("/requests/library/", values | more).content.decode())


def test_rows_are_told_while_they_are_typed(members, client_of):
    client = client_of(members.pm)
    shown = typed(client, [{"name": "orderId", "kind": "string"}, {"name": "coupon", "kind": "number"}, {"name": ""}])
    assert SPELLING in shown and TYPE in shown
    kept = [{"name": "order_id", "kind": "string"}, {"name": "coupon", "kind": "string-null"}]
    assert "property library" not in typed(client, kept)
    assert "property library" not in typed(client, [{"name": "coupon", "kind": "nonsense"}])
    assert client.post("/requests/library/", {"change-rows-TOTAL_FORMS": "x"}).status_code == 200
    assert client.post("/requests/library/", {}).status_code == 200
    assert client.get("/requests/library/").status_code == 405


def test_what_the_event_had_before_is_not_told_while_typing(members, client_of):
    event = EventFactory.create(name="A", definition=definition("A", schema=SCHEMA), owner_team=members.team)
    base = {"change-action": "update", "change-event": event.pk, "change-base": event.newest_version_id}
    rows = [{"name": "orderId", "kind": "string"}, {"name": "coupon", "kind": "boolean"}]
    shown = typed(client_of(members.pm), rows, **base)
    assert SPELLING not in shown
    assert "coupon is string in the property library, and boolean here." in shown


def test_the_form_the_page_and_the_api_tell_the_same(members, client_of, api_of):
    lifecycle = RequestFactory.draft(members=members, document=definition("Wish Made", schema=SCHEMA))
    edit_url = f"/requests/{lifecycle.request.pk}/edit/"
    page = client_of(members.pm).get(edit_url)
    assert SPELLING in one_line(page.content.decode()) and TYPE in one_line(page.content.decode())
    posted = client_of(members.pm).post(edit_url, form_values(page, "request-form") | {"do": "rows"})
    assert SPELLING in one_line(posted.content.decode())
    url = f"/requests/{lifecycle.request.pk}/"
    card = one_line(client_of(members.pm).get(url).content.decode())
    assert SPELLING in card and "Look at this first" not in card
    lifecycle.submit()
    beside_approve = one_line(client_of(members.analyst).get(url).content.decode())
    assert (
        beside_approve.index("Look at this first") < beside_approve.index(SPELLING) < beside_approve.index("Approve</")
    )
    (change,) = api_of(members.analyst).get(f"/api/v1/requests/{lifecycle.request.pk}/").json()["changes"]
    assert sorted((each["code"], each["path"]) for each in change["warnings"]) == [
        ("library_name", "/properties/orderId"),
        ("library_type", "/properties/coupon"),
    ]
    lifecycle.approve()
    assert SPELLING not in one_line(client_of(members.analyst).get(url).content.decode())
    (change,) = api_of(members.analyst).get(f"/api/v1/requests/{lifecycle.request.pk}/").json()["changes"]
    assert change["warnings"] == []


def test_a_definition_handed_over_whole_is_answered_with_its_warnings(members, api_of):
    answer = api_of(members.pm).post("/api/v1/events/", definition("Wish Made", schema=SCHEMA)).json()
    assert len(answer["request"]["changes"][0]["warnings"]) == 2


def test_a_definition_that_does_not_hold_has_problems_and_no_warnings(members, api_of):
    broken = {"type": "object", "properties": {"orderId": {"type": "nonsense"}}}
    lifecycle = RequestFactory.draft(members=members, document=definition("Wish Made", schema=broken))
    (change,) = api_of(members.pm).get(f"/api/v1/requests/{lifecycle.request.pk}/").json()["changes"]
    assert change["warnings"] == []


def test_more_changes_cost_no_more_queries(members, api_of):
    lifecycle = RequestFactory.draft(members=members, document=definition("Wish Made", schema=SCHEMA))
    api, url = api_of(members.pm), f"/api/v1/requests/{lifecycle.request.pk}/"
    api.get(url)
    with CaptureQueriesContext(connection) as one:
        api.get(url)
    for name in ("B", "C", "D"):
        document = definition(name, schema=SCHEMA)
        add_change(lifecycle.request, action=ChangeAction.CREATE, by=members.pm, definition=document)
    with CaptureQueriesContext(connection) as many:
        answer = api.get(url).json()
    assert len(answer["changes"]) == 4 and all(len(change["warnings"]) == 2 for change in answer["changes"])
    assert len(many) <= len(one)
