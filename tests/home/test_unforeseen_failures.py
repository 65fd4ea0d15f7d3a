"""What nobody foresaw: a sentence with a reference that the log has, and what was typed. A table is gone."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator

import pytest
import structlog
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from config.logs import configure
from tests.factories.accounts import PASSWORD, person
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.quality.evaluated_batches import NOON, make_seen_name
from tests.requests.pages.html_forms import form_values
from tracking.quality.models import Finding
from tracking.requests.models import Change, Request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner_role")]  # who may rename tables
REFERENCE = "abcdef1234567890"
HEADERS = {"X-Request-ID": REFERENCE, "Referer": "http://testserver/requests/new/"}


@pytest.fixture
def members() -> TeamFixture:
    return TeamFixture.create()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process writes, as it is written in production."""
    handlers, level, known = logging.root.handlers[:], logging.root.level, structlog.get_config()
    configure({"level": "INFO"})
    structlog.configure(cache_logger_on_first_use=False)  # or other tests would write here, too
    written = io.StringIO()
    logging.root.handlers[0].setStream(written)  # type: ignore[attr-defined]
    yield written
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.configure(**known)


def lose(table: str) -> None:
    """Break the house as a migration that has not run does: what every service writes is not there."""
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{table}" RENAME TO "gone"')


def browser_of(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def test_a_draft_that_cannot_be_saved_shows_what_was_typed(
    members: TeamFixture, client_of: Callable[..., Client], log: io.StringIO
) -> None:
    browser = browser_of(client_of(members.pm))
    values = form_values(browser.get("/requests/new/")) | {
        "title": "Which coupons work?",
        "question": "<b>Does Ann's work?</b>",
        "change-name": "Coupon Used",
        "do": "save",
    }
    lose("accounts_historyentry")
    answer = browser.post("/requests/new/", values, headers=HEADERS)

    page = answer.content.decode()
    assert (answer.status_code, answer["X-Request-ID"]) == (500, REFERENCE)
    assert f"<code>{REFERENCE}</code>" in page
    assert "title: Which coupons work?" in page and "change-name: Coupon Used" in page
    assert "<b>Does" not in page and "&lt;b&gt;Does Ann&#x27;s work?&lt;/b&gt;" in page
    assert 'href="http://testserver/requests/new/" target="_blank"' in page
    assert "csrf" not in page.partition("What you typed")[2]
    assert not Request.objects.exists() and not Change.objects.exists(), "nothing is half saved"
    assert REFERENCE in log.getvalue() and "gone" not in log.getvalue()
    assert "accounts_historyentry" in log.getvalue(), "the log says why"
    assert "coupons" not in log.getvalue(), "and nothing of what was typed"


def test_other_posts_say_so_too(members: TeamFixture, client_of: Callable[..., Client], log: io.StringIO) -> None:
    source = SourceFactory.create(owner_team=members.team)
    finding = Finding.objects.create(
        source=source,
        seen_name=make_seen_name("Order Completed"),
        environment="production",
        path="/properties/total",
        rule="type",
        severity="error",
        first_seen=NOON,
        last_seen=NOON,
    )
    draft = RequestFactory.draft(members=members).request
    lose("accounts_historyentry")
    for person_, url, values in (
        (members.analyst, reverse("quality:move", args=[finding.pk]), {"to": "ignored", "reason": "A bot did it"}),
        (members.pm, reverse("requests:move", args=[draft.pk]), {"to": "withdrawn", "comment": "A bot did it"}),
    ):
        answer = browser_of(client_of(person_)).post(url, values, headers=HEADERS)
        page = answer.content.decode()
        assert answer.status_code == 500, page
        assert REFERENCE in page and "A bot did it" in page
    finding.refresh_from_db()
    draft.refresh_from_db()
    assert (finding.state, draft.state) == ("open", "draft")
    assert log.getvalue().count(REFERENCE) >= 2


def test_a_password_is_no_part_of_it(client_of: Callable[..., Client]) -> None:
    user = person("viewer")
    browser = browser_of(Client())
    lose("accounts_session")
    values = {"login": user.username, "password": PASSWORD}
    page = browser.post("/accounts/login/", values, headers=HEADERS).content.decode()
    assert "Something broke" in page
    assert PASSWORD not in page


def test_a_page_that_fails_leads_back_within_the_house_alone(client_of: Callable[..., Client]) -> None:
    browser = browser_of(client_of(person("viewer")))
    lose("catalog_event")
    page = browser.get("/events/", headers=HEADERS).content.decode()
    assert 'href="http://testserver/requests/new/"' in page and "What you typed" not in page
    stranger = browser.get("/events/", headers=HEADERS | {"Referer": "https://evil.example/"}).content.decode()
    assert "evil.example" not in stranger


def test_the_api_says_it_as_a_problem_with_the_reference(
    members: TeamFixture, api_of: Callable[..., APIClient], log: io.StringIO
) -> None:
    api = api_of(members.pm)
    api.raise_request_exception = False
    lose("accounts_historyentry")
    body = {"title": "Coupons", "changes": [{"action": "create", "definition": definition()}]}
    answers = [
        api.post("/api/v1/requests/", body, headers={"X-Request-ID": REFERENCE}),
        api.post("/api/v1/events/", definition(), headers={"X-Request-ID": REFERENCE}),
    ]
    for answer in answers:
        problem = answer.json()
        assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
        assert (problem["status"], problem["request_id"]) == (500, REFERENCE)
        assert REFERENCE in problem["detail"]
        assert "historyentry" not in answer.content.decode(), "what broke is for the log"
    assert not Request.objects.exists()
    assert REFERENCE in log.getvalue() and "accounts_historyentry" in log.getvalue()


def test_without_an_id_of_a_proxy_there_is_one_all_the_same(
    members: TeamFixture, api_of: Callable[..., APIClient], log: io.StringIO
) -> None:
    api = api_of(members.pm)
    api.raise_request_exception = False
    lose("requests_request")
    answer = api.get("/api/v1/requests/")
    reference = answer.json()["request_id"]
    assert re.fullmatch("[0-9a-f]{32}", reference)
    assert answer["X-Request-ID"] == reference
    assert reference in log.getvalue()
