"""Steps taken from a page: what comes next, what is refused and why, and who comes second."""

import pytest

from tests.factories.accounts import person
from tests.factories.requests import RequestFactory, ingest
from tests.requests.pages.page_answers import ROLES, text_of
from tracking.requests.choices import DeliveryState
from tracking.requests.models import Delivery
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
def test_a_step_that_somebody_may_not_take_is_403_with_the_missing_role(role, client_of):
    lifecycle = RequestFactory.requested()
    page = client_of(getattr(lifecycle.members, role)).post(
        f"/requests/{lifecycle.request.pk}/move/", {"to": "reviewed"}
    )
    if role == "analyst":
        assert page.status_code == 302
    else:
        assert page.status_code == 403
        assert "analyst" in text_of(page)


def test_after_a_step_people_read_what_comes_next(client_of):
    lifecycle = RequestFactory.requested()
    url = f"/requests/{lifecycle.request.pk}/move/"
    page = client_of(lifecycle.members.analyst).post(url, {"to": "reviewed"}, follow=True)
    assert "Approved. Developers build it next." in text_of(page)
    page = client_of(lifecycle.members.analyst).post(url, {"to": "draft", "comment": "Once more."}, follow=True)
    assert "It is a draft again." in text_of(page)
    page = client_of(lifecycle.members.pm).post(url, {"to": "requested"}, follow=True)
    assert "Submitted. An analyst reviews it next." in text_of(page)


def test_a_refused_step_names_each_condition_and_keeps_what_was_typed(client_of):
    lifecycle = RequestFactory.developed()
    ingest(
        lifecycle.delivery.source,
        lifecycle.change.name,
        [{"total": "much"}],
        environment="staging",
        app_version="2.0.0",
    )
    sent = {"to": "tested", "comment": "Looks <b>fine</b>", "back": "qa"}
    page = client_of(lifecycle.members.qa).post(f"/qa/{lifecycle.delivery.pk}/move/", sent)
    text = text_of(page)
    assert page.status_code == 409
    assert "did not conform since it was developed" in text
    assert "Not seen yet in a conforming event" in text
    assert "Looks &lt;b&gt;fine&lt;/b&gt;" in text
    page = client_of(lifecycle.members.developer).post(f"/qa/{lifecycle.delivery.pk}/move/", {"to": "reviewed"})
    assert page.status_code == 422
    assert "Say why, so that others understand the step." in text_of(page)


def test_a_reason_with_what_no_column_holds_is_written_out(client_of):
    lifecycle = RequestFactory.requested()
    sent = {"to": "declined", "comment": "No\0pe"}
    assert client_of(lifecycle.members.analyst).post(f"/requests/{lifecycle.request.pk}/move/", sent).status_code == 302
    assert "No\\u0000pe" in text_of(client_of(lifecycle.members.pm).get(f"/requests/{lifecycle.request.pk}/"))


@pytest.mark.parametrize("to", ["", "nonsense", "live", "x" * 5_000, "planned"])
def test_a_step_that_is_none_is_told_so(to, client_of):
    lifecycle = RequestFactory.reviewed()
    for url in (f"/requests/{lifecycle.request.pk}/move/", f"/qa/{lifecycle.delivery.pk}/move/"):
        assert client_of(lifecycle.members.analyst).post(url, {"to": to}).status_code in (403, 409)


def test_two_at_once_the_second_is_told(client_of):
    lifecycle = RequestFactory.reviewed()
    other = person("developer", team=lifecycle.members.team)
    move_delivery(lifecycle.delivery, DeliveryState.DEVELOPED, by=other, app_version="2.0.0")
    sent = {"to": "developed", "app_version": "2.0.0"}
    page = client_of(lifecycle.members.developer).post(f"/qa/{lifecycle.delivery.pk}/move/", sent)
    assert page.status_code == 409
    assert f"{other} already marked it as developed, just now. Nothing is left to do." in text_of(page)
    assert Delivery.objects.get().developed_by == other


def test_the_address_of_a_step_leads_whoever_opens_it_to_its_page(client_of):
    lifecycle = RequestFactory.reviewed()
    browser = client_of(lifecycle.members.developer)
    assert browser.get(f"/requests/{lifecycle.request.pk}/move/")["Location"] == f"/requests/{lifecycle.request.pk}/"
    url = f"/qa/{lifecycle.delivery.pk}/move/"
    assert browser.get(url)["Location"] == f"/requests/{lifecycle.request.pk}/?delivery={lifecycle.delivery.pk}"
    assert browser.put(url).status_code == 405
    lifecycle.develop()
    assert browser.get(url)["Location"] == f"/qa/{lifecycle.delivery.pk}/"
    assert browser.get("/qa/999999/move/").status_code == 404
