"""From a blank form to a live event by posting what the pages hold, without any script."""

import re

import pytest
from django.utils import timezone

from catalog.choices import Status
from catalog.models import Event
from tests.factories.catalog import EventFactory, SourceFactory
from tests.factories.requests import RequestFactory, TeamFixture, ingest, ingest_proof
from tests.page_text import one_line
from tests.requests.pages.html_forms import form_values, row_values
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.models import Delivery, Request
from tracking.requests.tasks import advance_deliveries

pytestmark = pytest.mark.django_db

PAYLOAD = {"sku": "S-1", "price": 9.5}


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def source(members):
    return SourceFactory.create(owner_team=members.team, name="Web shop")


def asked_for(browser, source):
    """The form of a new request, filled in as a product manager would."""
    return form_values(browser.get("/requests/new/")) | {
        "title": "Wishlist use",
        "question": "Do wishlists bring people back?",
        "decision": "The wishlist budget",
        "expected_per_day": "1000",
        "change-name": "Wishlist Item Added",
        "change-description": "A person put something on a wishlist.",
        "change-sources": [source.pk],
        **row_values(0, name="sku", kind="string", is_required="on", description="What was added", example="S-1"),
        **row_values(1, name="price", kind="number", example="9.5"),
    }


def test_the_whole_way_without_a_script(members, source, client_of):
    pm, analyst, developer, qa = (
        client_of(user) for user in (members.pm, members.analyst, members.developer, members.qa)
    )
    answer = pm.post("/requests/new/", asked_for(pm, source) | {"do": "submit"})
    request = Request.objects.get()
    assert answer["Location"] == f"/requests/{request.pk}/"
    assert request.state == RequestState.REQUESTED
    change = request.changes.get()
    assert change.definition["schema"] == {
        "type": "object",
        "properties": {
            "sku": {"type": "string", "description": "What was added", "examples": ["S-1"]},
            "price": {"type": "number", "examples": [9.5]},
        },
        "required": ["sku"],
    }

    page = analyst.get(f"/requests/{request.pk}/")
    form = form_values(page, f"/requests/{request.pk}/move/")
    assert form["to"] == "reviewed"
    analyst.post(f"/requests/{request.pk}/move/", form)
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.REVIEWED

    page = developer.get(f"/requests/{request.pk}/")
    assert "analytics.track(&quot;Wishlist Item Added&quot;" in page.content.decode()
    form = form_values(page, f"/qa/{delivery.pk}/move/")
    assert set(form) == {"to", "comment", "app_version"}
    developer.post(f"/qa/{delivery.pk}/move/", form | {"app_version": "2.6.0"})

    page = qa.get(f"/qa/{delivery.pk}/")
    assert "Waiting for events" in page.content.decode()
    ingest(source, "Wishlist Item Added", [PAYLOAD], environment="staging", app_version="2.6.0")
    page = qa.get(f"/qa/{delivery.pk}/")
    assert "Everything that the definition asks for has arrived." in page.content.decode()
    answer = qa.post(f"/qa/{delivery.pk}/move/", form_values(page, "sign") | {"comment": "Seen."})
    assert answer["Location"] == f"/qa/{delivery.pk}/"

    page = pm.get(f"/requests/{request.pk}/")
    assert "Waiting for production" in page.content.decode()
    ingest_proof(source, "Wishlist Item Added", app_version="2.6.0", since=timezone.now(), payload=PAYLOAD)
    advance_deliveries()
    page = pm.get(f"/requests/{request.pk}/")
    assert "Everything that was asked for is live" in page.content.decode()
    assert Event.objects.get().status == Status.LIVE


def test_a_title_saves_a_draft_and_submitting_says_what_is_missing(members, client_of):
    pm = client_of(members.pm)
    form = form_values(pm.get("/requests/new/")) | {"title": "Something", "do": "save"}
    request_url = pm.post("/requests/new/", form)["Location"]
    request = Request.objects.get()
    assert not request.changes.exists()
    page = pm.post(request_url, form_values(pm.get(request_url)) | {"do": "submit"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "Name the event that is to be sent." in text
    assert 'href="#id_question"' in text
    assert "The draft is saved." in text
    assert f'action="/requests/{request.pk}/edit/"' in text


def test_a_change_of_an_event_starts_from_its_newest_version(members, source, client_of):
    from_scratch = client_of(members.pm)
    from_scratch.post("/requests/new/", asked_for(from_scratch, source) | {"do": "submit"})
    first = Request.objects.get()
    analyst = client_of(members.analyst)
    analyst.post(f"/requests/{first.pk}/move/", form_values(analyst.get(first.get_absolute_url()), "/move/"))
    event = Event.objects.get()

    pm = client_of(members.pm)
    form = form_values(pm.get(f"/requests/new/?event={event.pk}"))
    assert form["change-name"] == "Wishlist Item Added"
    assert form["change-sources"] == str(source.pk)
    assert {form[f"change-rows-{number}-name"] for number in range(2)} == {"sku", "price"}
    pm.post("/requests/new/", form | {"title": "Say it better", "change-description": "Somebody wished.", "do": "save"})
    change = Request.objects.latest("id").changes.get()
    assert change.definition == change.base.definition | {"description": "Somebody wished."}
    assert change.lane == "words"


def test_an_event_ends_by_the_form(members, source, client_of):
    pm = client_of(members.pm)
    pm.post("/requests/new/", asked_for(pm, source) | {"do": "submit"})
    first = Request.objects.get()
    analyst = client_of(members.analyst)
    analyst.post(f"/requests/{first.pk}/move/", form_values(analyst.get(first.get_absolute_url()), "/move/"))
    event = Event.objects.get()
    form = form_values(pm.get(f"/requests/new/?event={event.pk}&action=retire"))
    filled = form | {"title": "End it", "reason": "Nobody reads it.", "change-ends_on": "2031-01-01"}
    page = pm.post("/requests/new/", filled | {"change-successor_name": "No Such Event", "do": "submit"})
    assert page.status_code == 422
    assert "No event of the catalog is called" in page.content.decode()
    answer = pm.post("/requests/new/", filled | {"change-has_no_successor": "on", "do": "submit"})
    request = Request.objects.latest("id")
    assert answer["Location"] == f"/requests/{request.pk}/"
    assert (request.state, request.lane) == (RequestState.REQUESTED, "retiring")
    page = pm.get(f"/requests/{request.pk}/")
    assert "Nothing replaces it." in page.content.decode()


def test_buttons_show_the_form_otherwise_and_keep_what_was_typed(members, source, client_of):
    pm = client_of(members.pm)
    filled = asked_for(pm, source)
    page = pm.post("/requests/new/", filled | {"do": "rows"})
    again = form_values(page)
    assert (page.status_code, Request.objects.count()) == (200, 0)
    assert int(again["change-rows-TOTAL_FORMS"]) == int(filled["change-rows-TOTAL_FORMS"]) + 5
    assert (again["title"], again["change-rows-0-name"], again["change-rows-1-kind"]) == (
        "Wishlist use",
        "sku",
        "number",
    )
    page = pm.post("/requests/new/", filled | {"do": "as:deprecate"})
    assert form_values(page)["title"] == "Wishlist use"
    assert 'value="find"' in page.content.decode()


def test_an_event_is_found_and_chosen(members, source, client_of):
    pm = client_of(members.pm)
    pm.post("/requests/new/", asked_for(pm, source) | {"do": "submit"})
    analyst = client_of(members.analyst)
    first = Request.objects.get()
    analyst.post(f"/requests/{first.pk}/move/", form_values(analyst.get(first.get_absolute_url()), "/move/"))
    event = Event.objects.get()
    form = form_values(pm.get("/requests/new/?action=update")) | {"title": "More", "change-name": "wishlist"}
    page = pm.post("/requests/new/", form | {"do": "find"})
    assert f'value="pick:{event.pk}"' in page.content.decode()
    page = pm.post("/requests/new/", form | {"do": f"pick:{event.pk}"})
    chosen = form_values(page)
    assert (chosen["title"], chosen["change-name"], chosen["change-action"]) == ("More", event.name, "update")
    assert event.name in pm.get("/requests/similar/", {"change-name": "Wishlist item add"}).content.decode()
    assert (
        f'value="{event.name}"' in pm.get("/requests/similar/?for=options&change-successor_name=wish").content.decode()
    )


def test_return_finds_while_an_event_is_searched_for(members, client_of):
    pm = client_of(members.pm)
    default = re.compile(r'<button class="visually-hidden" type="submit" name="do"[^>]* value="(\w+)"')
    for address, action in (("/requests/new/", "save"), ("/requests/new/?action=update", "find")):
        assert default.findall(one_line(pm.get(address).content.decode())) == [action]


def test_an_event_that_was_searched_for_and_not_chosen_is_not_forgotten(members, source, client_of):
    pm = client_of(members.pm)
    event = EventFactory.create(name="Wishlist Item Added")
    draft = RequestFactory.draft(members=members).request
    edit = f"/requests/{draft.pk}/edit/"
    form = form_values(pm.get(f"{edit}?change=new&action=update")) | {"change-name": "wishlist"}
    page = pm.post(edit, form | {"do": "submit"})
    assert page.status_code == 422
    assert "Choose the event that you searched for" in page.content.decode()
    draft.refresh_from_db()
    assert draft.state == RequestState.DRAFT
    saved = pm.post(edit, form_values(page) | {"change-name": "wishlist", "do": "save"}, follow=True)
    again = form_values(saved)
    assert (again["change-action"], again["change-name"]) == ("update", "wishlist")
    assert f'value="pick:{event.pk}"' in saved.content.decode()
