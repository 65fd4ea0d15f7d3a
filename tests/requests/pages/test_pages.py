"""The pages of requests and QA: who opens them, in every state, and what the home page says of them."""

import re

import pytest
from django.test import Client

from tests.factories.requests import RequestFactory, TeamFixture
from tests.requests.pages.page_answers import ROLES, text_of
from tracking.requests.choices import RequestState
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db

WRITERS = ("pm", "analyst", "developer")


@pytest.mark.parametrize("state", RequestState)
def test_pages_open_in_every_state_for_everybody(state, client_of):
    lifecycle = RequestFactory.at(state)
    for role in ROLES:
        browser = client_of(getattr(lifecycle.members, role))
        for url in ("/requests/", f"/requests/{lifecycle.request.pk}/", "/qa/", f"/qa/{lifecycle.delivery.pk}/"):
            page = browser.get(url)
            assert page.status_code == 200
            assert text_of(page).count("<h1") == 1
            assert not re.search(r"\sstyle=|<script>|<style|hx-on", text_of(page))


def test_pages_are_for_people_who_signed_in():
    lifecycle = RequestFactory.developed()
    for url in (
        "/requests/",
        "/requests/new/",
        f"/requests/{lifecycle.request.pk}/",
        "/qa/",
        f"/qa/{lifecycle.delivery.pk}/",
    ):
        assert Client().get(url)["Location"].startswith("/accounts/login/?next=")
    for url in (
        f"/requests/{lifecycle.request.pk}/move/",
        f"/qa/{lifecycle.delivery.pk}/move/",
        "/requests/propose/1/",
    ):
        assert Client().post(url)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("role", ROLES)
def test_only_writers_write(role, client_of):
    members = TeamFixture.create()
    assert client_of(getattr(members, role)).get("/requests/new/").status_code == (200 if role in WRITERS else 403)


@pytest.mark.parametrize("role", ROLES)
def test_only_its_author_edits_a_draft(role, client_of):
    lifecycle = RequestFactory.draft()
    browser = client_of(getattr(lifecycle.members, role))
    url = f"/requests/{lifecycle.request.pk}/edit/"
    expected = 200 if role == "pm" else 403
    assert browser.get(url).status_code == expected
    assert browser.post(url, {"title": "Mine now"}).status_code == (422 if role == "pm" else 403) or role == "pm"
    lifecycle.request.refresh_from_db()
    assert role == "pm" or lifecycle.request.title != "Mine now"


def test_the_page_of_nothing_is_404(client_of, stranger):
    browser = client_of(stranger)
    for url in ("/requests/999/", "/qa/999/", "/requests/999/edit/"):
        assert browser.get(url).status_code == 404
    for url in ("/requests/999/move/", "/qa/999/move/"):
        assert browser.post(url, {"to": "live"}).status_code == 404


@pytest.mark.parametrize(
    ("state", "role", "expected"),
    [
        (RequestState.DRAFT, "pm", "Your draft: finish it, then submit it"),
        (RequestState.REQUESTED, "analyst", "Waits for your review, asked by {author}"),
        (RequestState.REVIEWED, "developer", "Approved: build it, then say which app version carries it"),
        (RequestState.DEVELOPED, "qa", "Built: verify it from what arrived"),
    ],
)
def test_the_home_page_says_what_each_person_has_to_do(state, role, expected, client_of):
    lifecycle = RequestFactory.at(state)
    home = text_of(client_of(getattr(lifecycle.members, role)).get("/"))
    assert expected.format(author=lifecycle.request.author) in home


def test_the_home_page_tells_a_draft_that_came_back_from_a_new_one(client_of):
    lifecycle = RequestFactory.requested()
    move_request(lifecycle.request, RequestState.DRAFT, by=lifecycle.members.analyst, comment="Name the currency.")
    home = text_of(client_of(lifecycle.members.pm).get("/"))
    assert "Back in draft: see why, then submit it again" in home
    assert "Your draft: finish it" not in home
