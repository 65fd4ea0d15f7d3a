"""Every address says of its responses what may be kept of them, what they are, and which policy holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from accounts.roles import Scope
from accounts.services import issue_token
from catalog.models import WriteKey
from tests.factories.accounts import UserFactory
from tests.factories.catalog import create_write_key
from tests.hostile.every_address import Address, Rows, addresses, create_rows
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

COLLECTOR = {"traffic:collector", "traffic:healthz", "traffic:readyz"}
"""Answered past everything that is made for pages; nothing of theirs is personal."""

KEPT_BY_NOBODY, ASKED_AGAIN = "no-store", "private, no-cache"
PAGES_OF_SECRETS = {
    *("tokens", "token-revoke", "requests:qa", "requests:qa_delivery", "quality:finding", "requests:request"),
    *("tour:start", "tour:shop", "traffic:arrivals", "finding-list", "request-detail", "delivery-detail", "check"),
}


@dataclass
class Visit:
    """One response to one request."""

    url: str
    address: Address
    response: Any

    @property
    def cache_control(self) -> str:
        return str(self.response.headers.get("Cache-Control", ""))

    @property
    def policy(self) -> str:
        return str(self.response.headers.get("Content-Security-Policy", ""))

    @property
    def text(self) -> str:
        return self.response.content.decode(errors="replace") if not self.response.streaming else ""

    def __str__(self) -> str:
        return f"{self.response.status_code} {self.url}: {self.cache_control!r}"


@pytest.fixture
def rows(db: None) -> Rows:
    return create_rows()


@pytest.fixture
def visits(rows: Rows, client_of: Callable[[User], Client]) -> list[Visit]:
    """Every address, as somebody who may do everything, as somebody who may nothing, and as a stranger sees it."""
    create_write_key(WriteKey.objects.earliest("pk").source, "staging")
    browsers = [client_of(rows.user), client_of(UserFactory.create()), Client()]
    for browser in browsers:
        browser.raise_request_exception = False
    return list(_visits(rows, browsers))


def _visits(rows: Rows, browsers: list[Client]) -> Iterator[Visit]:
    for address in addresses():
        url = address.url(rows.arguments(address))
        for browser in browsers:
            yield Visit(url, address, browser.get(url))
        # As whoever may nothing: an empty form is enough for some buttons.
        yield Visit(url, address, browsers[1].post(url))


@pytest.mark.timeout(300)
def test_each_response_says_whether_it_may_be_kept_and_what_it_is(visits: list[Visit]) -> None:
    assert len(visits) > 400
    assert [str(visit) for visit in visits if not _is_private(visit)] == []
    # Whatever holds a key or an id of a sample, wherever that is.
    keys = set(WriteKey.objects.values_list("key", flat=True))
    ids = {str(sample.event[name]) for sample in Sample.objects.all() for name in _ids(sample)}
    assert keys and ids
    holding = [visit for visit in visits if any(secret in visit.text for secret in keys | ids)]
    assert {"catalog:source", "catalog:event", "source-detail"} <= {visit.address.name for visit in holding}
    assert [str(visit) for visit in holding if visit.cache_control != KEPT_BY_NOBODY] == []
    # Pages that hold them as a rule, though these are empty or refused; and the admin site, whatever it shows.
    named = [visit for visit in visits if visit.address.name in PAGES_OF_SECRETS or visit.address.is_admin]
    assert len(named) > 100
    assert [str(visit) for visit in named if visit.cache_control != KEPT_BY_NOBODY] == []
    _require_honest_types(visits)


def _is_private(visit: Visit) -> bool:
    if visit.address.name in COLLECTOR:
        return visit.cache_control in ("", KEPT_BY_NOBODY)
    return KEPT_BY_NOBODY in visit.cache_control or visit.cache_control == ASKED_AGAIN


def _ids(sample: Sample) -> Iterator[str]:
    return (name for name in ("user_id", "anonymous_id") if sample.event.get(name))


def _require_honest_types(visits: list[Visit]) -> None:
    """Nothing is taken for what it does not say it is, and no page lets an injected base lead its links astray."""
    assert [str(visit) for visit in visits if visit.response.headers.get("X-Content-Type-Options") != "nosniff"] == []
    pages = [visit for visit in visits if visit.response.headers.get("Content-Type", "").startswith("text/html")]
    assert {200, 302, 403, 404} <= {visit.response.status_code for visit in pages}
    assert [
        str(v) for v in pages if "base-uri 'none'" not in v.response.headers.get("Content-Security-Policy", "")
    ] == []


def test_the_answer_that_shows_a_new_token_is_kept_by_nobody(stranger: User, client_of: Callable[..., Client]) -> None:
    page = client_of(stranger).post("/settings/tokens/", {"name": "CI", "scopes": ["read"]})
    assert "Copy your new token now" in page.content.decode()
    assert page.headers["Cache-Control"] == KEPT_BY_NOBODY


def test_a_program_s_answers_are_private_too(stranger: User, api_of: Callable[..., Client]) -> None:
    assert api_of(stranger).get("/api/v1/events/").headers["Cache-Control"] == ASKED_AGAIN
    assert api_of(stranger).get("/api/v1/sources/").headers["Cache-Control"] == KEPT_BY_NOBODY
    assert api_of(stranger, Scope.CHECK).get("/api/v1/events/").headers["Cache-Control"] == ASKED_AGAIN  # 403
    assert Client().get("/api/v1/events/").headers["Cache-Control"] == ASKED_AGAIN  # 401


@pytest.mark.parametrize("path", ["/nothing/here/", "/admin/nothing/", "/api/v1/nothing/", "/events/0/"])
def test_errors_are_no_exception(path: str, stranger: User, client_of: Callable[..., Client]) -> None:
    for browser in (client_of(stranger), Client()):
        page = browser.get(path)
        assert page.headers["Cache-Control"] in (ASKED_AGAIN, KEPT_BY_NOBODY)
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "base-uri 'none'" in page.headers["Content-Security-Policy"]


def test_static_files_may_be_kept() -> None:
    assert finders.find("css/tokens.css")
    response = Client().get("/static/css/tokens.css")
    assert response.status_code == 200 and response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" not in response.headers["Cache-Control"] and "private" not in response.headers["Cache-Control"]


def test_a_token_is_on_no_other_page(stranger: User, client_of: Callable[..., Client]) -> None:
    _, plain = issue_token(user=stranger, name="CI", scopes=["read"], by=stranger)
    browser = client_of(stranger)
    for path in ("/settings/tokens/", "/settings/profile/", "/"):
        assert plain not in browser.get(path).content.decode()
