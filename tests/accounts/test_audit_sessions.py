"""What the audit log says of sessions: each by its number, from an entry to where it is ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.audit.audit_writer import MAX_ROWS_A_MINUTE
from accounts.models import AuditEntry, AuditKind, Session, User
from accounts.roles import Role
from tests.factories.accounts import PASSWORD, UserFactory, admin, person

pytestmark = pytest.mark.django_db

PAGE = "/audit/"
Browser = Callable[[User], Client]


@pytest.fixture
def lin(db: None) -> User:
    return UserFactory.create(username="lin", name="Lin Chen")


def sign_in(login: str = "lin") -> Client:
    cache.clear()  # allauth's own limit of requests, which is another matter
    browser = Client()
    assert browser.post("/accounts/login/", {"login": login, "password": PASSWORD}).status_code == 302
    return browser


def test_two_sessions_of_a_minute_are_two_rows(lin: User) -> None:
    for _turn in range(2):
        sign_in()
    entries = AuditEntry.objects.filter(kind=AuditKind.SIGN_IN)
    assert {entry.session_label for entry in entries} == {session.label for session in Session.objects.all()}
    assert [entry.times for entry in entries] == [1, 1]


def test_what_each_of_two_sessions_was_refused_is_told_of_each(lin: User) -> None:
    browsers = [sign_in(), sign_in()]
    for browser in (*browsers, *browsers):
        browser.get(PAGE)
    refused = AuditEntry.objects.filter(kind=AuditKind.REFUSED)
    assert len({entry.session_id for entry in refused}) == 2
    assert sum(entry.times for entry in refused) == 4


def test_many_sessions_of_a_minute_are_bounded(lin: User) -> None:
    for _turn in range(MAX_ROWS_A_MINUTE + 5):
        sign_in()
    entries = AuditEntry.objects.filter(kind=AuditKind.SIGN_IN)
    assert len(entries) <= MAX_ROWS_A_MINUTE + 1 + 1, "one more where a minute ended meanwhile"
    assert sum(entry.times for entry in entries) == MAX_ROWS_A_MINUTE + 5


def test_an_admin_comes_from_an_entry_to_its_session(lin: User, client_of: Browser) -> None:
    sign_in()
    session = Session.objects.get(user=lin)
    url = reverse("admin:accounts_session_changelist") + f"?id__exact={session.pk}"
    site = client_of(admin(username="chief"))
    assert f'href="{url}"' in site.get(PAGE).content.decode()
    assert "Lin Chen" in site.get(url).content.decode()
    page = client_of(person(Role.ANALYST)).get(PAGE).content.decode()
    assert session.label in page and url not in page, "a data lead ends nobody's session"


@pytest.mark.parametrize(("label", "number"), [("session 7", 7), ("", None), ("7", None), ("session x", None)])
def test_a_label_names_a_session_or_none(label: str, number: int | None) -> None:
    assert AuditEntry(session_label=label).session_id == number


CHANGE = "/accounts/password/change/"
WRONG = {"oldpassword": "a wrong one", "password1": "another long phrase", "password2": "another long phrase"}


def test_who_tries_to_change_a_password_without_knowing_it_is_told(lin: User) -> None:
    """Somebody at a browser that its person left open."""
    browser = sign_in()
    session = Session.objects.get(user=lin)
    assert browser.post(CHANGE, WRONG).status_code == 200
    (entry,) = AuditEntry.objects.filter(kind=AuditKind.REFUSED)
    assert (entry.person, entry.session_id, entry.path) == (lin, session.pk, CHANGE)
    assert entry.reason == "The current password was wrong, so it was not changed."
    for mistake in ({"oldpassword": ""}, {"oldpassword": PASSWORD, "password2": "something else"}):
        assert browser.post(CHANGE, WRONG | mistake).status_code == 200
    assert AuditEntry.objects.filter(kind=AuditKind.REFUSED).count() == 1


def test_a_password_is_tried_no_oftener_at_its_change_than_at_the_sign_in(lin: User, settings: Any) -> None:
    browser = sign_in()
    tried = [browser.post(CHANGE, WRONG).status_code for _turn in range(settings.SIGN_IN_ACCOUNT_FAILURES + 2)]
    assert tried == [200] * settings.SIGN_IN_ACCOUNT_FAILURES + [429, 429]
    assert browser.post(CHANGE, WRONG | {"oldpassword": PASSWORD}).status_code == 429
    lin.refresh_from_db()
    assert lin.check_password(PASSWORD)
