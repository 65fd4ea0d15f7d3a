"""A name that reads like another, on the form, beside Approve, and over the API: the reason is asked for and shown."""

import pytest

from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory
from tests.page_text import one_line
from tests.requests.pages.html_forms import form_values
from tracking.requests.choices import RequestState

pytestmark = pytest.mark.django_db

REASON = "The old shop sends it until May."
FIELD = 'name="change-name_reason"'


@pytest.fixture
def draft():
    EventFactory.create(name="Order Completed")
    return RequestFactory.draft(document=definition("order_completed"))


@pytest.fixture
def pm(draft, client_of):
    return client_of(draft.members.pm)


def similar(client, name, **more):
    return one_line(client.get("/requests/similar/", {"change-name": name} | more).content.decode())


def test_the_reason_is_asked_for_while_the_name_is_typed(draft, pm):
    shown = similar(pm, "orderCompleted", **{"change-call": "track"})
    assert "&#x27;orderCompleted&#x27; reads like &#x27;Order Completed&#x27;" in shown
    assert FIELD in shown
    assert FIELD not in similar(pm, "Wish Made")
    assert FIELD not in similar(pm, "orderCompleted", **{"change-call": "page"})
    assert "optional" not in shown
    # What was typed stays while the name changes.
    kept = similar(pm, "Wish", **{"change-name_reason": REASON})
    assert "until May" in kept and "optional" in kept


def test_other_requests_are_told_while_the_name_is_typed_and_the_own_one_is_not(draft, pm):
    other = RequestFactory.requested(members=draft.members, document=definition("Cart Viewed"))
    assert f"request {other.request.pk} " in similar(pm, "cart_viewed")
    assert FIELD not in similar(pm, "cart_viewed", draft=str(other.request.pk))
    event = EventFactory.create(name="Wish Made")
    assert FIELD not in similar(pm, "wish made", event=str(event.pk))
    assert FIELD in similar(pm, "order completed", event=str(event.pk))


def test_the_form_asks_submits_with_the_reason_and_reviewers_see_it(draft, pm, client_of):
    url = f"/requests/{draft.request.pk}/edit/"
    page = pm.get(url)
    assert FIELD in page.content.decode()
    assert "Why are both names needed? <span" not in one_line(page.content.decode())
    values = form_values(page, "request-form") | {"do": "submit"}
    refused = pm.post(url, values)
    assert refused.status_code == 422
    assert "reads like" in one_line(refused.content.decode())
    assert 'aria-describedby="id_change-name_reason' in refused.content.decode()
    pm.post(url, values | {"change-name_reason": REASON})
    draft.request.refresh_from_db()
    assert draft.request.state == RequestState.REQUESTED
    assert draft.request.changes.get().name_reason == REASON
    assert REASON in client_of(draft.members.analyst).get(f"/requests/{draft.request.pk}/").content.decode()


def test_a_name_like_no_other_is_asked_nothing(client_of):
    lifecycle = RequestFactory.draft(document=definition("Wish Made"))
    page = client_of(lifecycle.members.pm).get(f"/requests/{lifecycle.request.pk}/edit/")
    assert FIELD not in page.content.decode()


def test_the_api_takes_the_reason(draft, api_of):
    api = api_of(draft.members.pm)
    source = SourceFactory.create().slug
    change = {"action": "create", "definition": definition("ORDER COMPLETED"), "sources": [source]}
    created = api.post("/api/v1/requests/", {"title": "Shout", "changes": [change]}).json()
    refused = api.post(f"/api/v1/requests/{created['id']}/transitions/", {"to": "requested"})
    assert refused.status_code == 409
    assert "similar_name" in {unmet["code"] for unmet in refused.json()["unmet"]}
    explained = api.post("/api/v1/requests/", {"title": "Shout", "changes": [change | {"name_reason": REASON}]}).json()
    assert explained["changes"][0]["name_reason"] == REASON
    refused = api.post(f"/api/v1/requests/{explained['id']}/transitions/", {"to": "requested"})
    assert "similar_name" not in {unmet["code"] for unmet in refused.json().get("unmet", ())}
    too_long = change | {"name_reason": "x" * 501}
    assert api.post("/api/v1/requests/", {"title": "Shout", "changes": [too_long]}).status_code == 400


def test_a_definition_handed_over_whole_takes_the_reason(draft, api_of):
    api = api_of(draft.members.pm)
    document = definition("Order-Completed") | {"sources": [SourceFactory.create().slug]}
    documented = api.post("/api/v1/events/", document)
    assert documented.status_code == 201
    assert "similar_name" in {unmet["code"] for unmet in documented.json()["unmet"]}
    explained = api.post("/api/v1/events/", document | {"name_reason": REASON}).json()
    assert "similar_name" not in {unmet["code"] for unmet in explained["unmet"]}
    change = explained["request"]["changes"][0]
    assert change["name_reason"] == REASON
    assert "name_reason" not in change["definition"]
