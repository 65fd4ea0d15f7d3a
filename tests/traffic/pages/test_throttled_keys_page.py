"""The page of throttled keys: who, by which bound, how much; and the press that ends a key."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import HistoryEntry, Team, User
from accounts.roles import Role
from catalog.models import Source, WriteKey
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import post_batch, track_call
from tests.page_text import one_line
from tracking.traffic.choices import ThrottleBound
from tracking.traffic.collect.throttle_log import throttle_log

pytestmark = pytest.mark.django_db
PAGE = "/throttled/"


@pytest.fixture
def shop(team: Team) -> Source:
    """A source of the team."""
    return SourceFactory.create(slug="web-shop", name="Web shop", owner_team=team)


@pytest.fixture
def throttled(key: WriteKey) -> WriteKey:
    """A key that was refused three requests of a thousand bytes just now."""
    for _ in range(3):
        throttle_log.note(key, ThrottleBound.KEY_EVENTS, size=1_000)
    throttle_log.flush()
    return key


@pytest.fixture
def over() -> WriteKey:
    """A key of another source that was refused one an hour ago."""
    key = create_write_key(SourceFactory.create(slug="till", name="Till"), "staging")
    throttle_log.note(key, ThrottleBound.INBOX_SHARE, size=50, at=timezone.now() - timedelta(hours=1))
    throttle_log.flush()
    return key


def text_of(browser: Client, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200
    return one_line(response.content.decode())


def test_it_tells_who_since_when_by_which_bound_and_how_much(
    throttled: WriteKey, stranger: User, client_of: Callable[[User], Client]
) -> None:
    page = text_of(client_of(stranger), PAGE)
    for expected in (
        "Web shop",
        "Production",
        f"{throttled.key[:7]}…",
        "Events a second of the key",
        "Being throttled",
    ):
        assert expected in page
    assert throttled.key not in page
    assert "Revoke it now" not in page, "somebody without the right sees no button"


def test_it_is_narrowed_sorted_and_exported(
    throttled: WriteKey, over: WriteKey, stranger: User, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(stranger)
    for query, expected in {
        "": ["web-shop", "till"],
        "?now=true": ["web-shop"],
        "?now=false": ["till"],
        "?source=till": ["till"],
        "?environment=production": ["web-shop"],
        "?bound=inbox_share": ["till"],
        "?sort=since": ["till", "web-shop"],
        "?sort=-requests": ["web-shop", "till"],
        "?sort=size": ["till", "web-shop"],
    }.items():
        exported = browser.get(f"{PAGE}{query}{'&' if query else '?'}export=csv").content.decode()
        rows = list(csv.DictReader(io.StringIO(exported)))
        assert [row["source"] for row in rows] == expected, query
    assert rows[1]["requests"] == "3" and rows[1]["bytes"] == "3000" and rows[1]["key"] == throttled.key[:7]
    assert throttled.key not in exported


def test_nobody_throttled_says_so(stranger: User, client_of: Callable[[User], Client], over: WriteKey) -> None:
    assert "No key matches" in text_of(client_of(stranger), f"{PAGE}?now=true")
    over.source.delete()
    assert "Nobody is throttled" in text_of(client_of(stranger), PAGE)


def test_a_key_is_revoked_with_one_press_and_stops_at_once(
    throttled: WriteKey,
    team: Team,
    client_of: Callable[[User], Client],
    django_capture_on_commit_callbacks: Any,
) -> None:
    developer = person(Role.DEVELOPER, team=team)
    browser = client_of(developer)
    url = reverse("catalog:key_revoked", args=["web-shop", throttled.pk])
    page = text_of(browser, PAGE)
    assert "Revoke it now" in page and url in page
    assert post_batch(throttled, track_call()).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(url).status_code == 302
    assert post_batch(throttled, track_call()).status_code == 401
    entry = HistoryEntry.objects.get(action="key revoked")
    assert entry.actor == developer
    page = text_of(browser, PAGE)
    assert "revoked" in page and "Revoke it now" not in page


@pytest.mark.parametrize("role", [Role.QA, Role.ANALYST, Role.PM, Role.DEVELOPER])
def test_others_cannot_revoke_it(throttled: WriteKey, role: Role, client_of: Callable[[User], Client]) -> None:
    from_elsewhere = person(role, team=SourceFactory.create().owner_team)
    browser = client_of(from_elsewhere)
    assert "Revoke it now" not in text_of(browser, PAGE)
    assert browser.post(reverse("catalog:key_revoked", args=["web-shop", throttled.pk])).status_code == 403
    throttled.refresh_from_db()
    assert throttled.revoked_at is None


def test_the_page_of_a_source_says_that_it_is_being_throttled(
    throttled: WriteKey, over: WriteKey, stranger: User, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(stranger)
    page = text_of(browser, throttled.source.get_absolute_url())
    assert "This source is being throttled" in page and "events a second of the key" in page
    assert f"{PAGE}?source=web-shop" in page
    assert "being throttled" not in text_of(browser, over.source.get_absolute_url())
