"""Undocumented traffic that somebody proposes a definition for."""

import re

import pytest

from catalog.models import Source
from tests.factories.catalog import SourceFactory
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, ingest
from tests.requests.pages.page_answers import text_of
from tracking.requests.choices import RequestState
from tracking.requests.models import Request
from tracking.requests.workflow.transition_service import move_request
from tracking.traffic.models import SeenName

pytestmark = pytest.mark.django_db


def test_undocumented_traffic_becomes_a_draft_in_one_click(client_of):
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    ingest(source, "Mouse Moved", [{"x": 1}])
    name = SeenName.objects.get()
    assert client_of(members.viewer).post(f"/requests/propose/{name.pk}/").status_code == 403
    answer = client_of(members.pm).post(f"/requests/propose/{name.pk}/")
    assert re.fullmatch(r"/requests/\d+/edit/", answer["Location"])
    assert "Mouse Moved" in text_of(client_of(members.pm).get(answer["Location"]))
    name.samples.all().delete()
    assert client_of(members.pm).get(f"/requests/propose/{name.pk}/")["Location"] == "/findings/"
    assert client_of(members.pm).post("/requests/propose/999999/").status_code == 404


def test_whoever_comes_second_reads_the_definition_that_is_under_way(client_of):
    members = TeamFixture.create()
    ingest(SourceFactory.create(owner_team=members.team), "Mouse Moved", [{"x": 1}])
    name = SeenName.objects.get()
    client_of(members.pm).post(f"/requests/propose/{name.pk}/")
    begun = Request.objects.get()
    second = client_of(members.analyst).post(f"/requests/propose/{name.pk}/", follow=True)
    assert second.redirect_chain == [(f"/requests/{begun.pk}/", 302)]
    assert f"{members.pm} is at it already." in text_of(second)
    home = text_of(client_of(members.analyst).get("/"))
    assert f"{members.pm} is drafting this" in home
    assert "Propose a definition" not in home
    assert "Go on with your draft" in text_of(client_of(members.pm).get("/"))
    move_request(begun, RequestState.WITHDRAWN, by=members.pm, comment="Not now.")
    assert "Propose a definition" in text_of(client_of(members.analyst).get("/"))
    assert "Propose a definition" not in text_of(client_of(members.viewer).get("/"))


def test_whoever_asked_for_a_definition_is_led_to_the_request(client_of):
    members = TeamFixture.create()
    ingest(SourceFactory.create(owner_team=members.team), "Order Completed", [VALID_PAYLOAD])
    lifecycle = RequestFactory.requested(members=members, sources=list(Source.objects.all()))
    for reader, words in ((members.pm, "You asked for this"), (members.analyst, f"{members.pm} asked for this")):
        home = text_of(client_of(reader).get("/"))
        link = next(link for link in re.findall(r"<a .*?</a>", home, re.DOTALL) if "asked for this" in link)
        assert words in link
        assert f'href="{lifecycle.request.get_absolute_url()}"' in link
        assert "Go on with your draft" not in home
