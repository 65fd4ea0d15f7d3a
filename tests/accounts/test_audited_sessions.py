"""Sessions and tokens that begin and end: each has a row of its own in the audit log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import AuditEntry, AuditKind, Session, User
from accounts.services import deactivate, issue_token, revoke_token, set_password
from tests.factories.accounts import PASSWORD, UserFactory, admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin(db: None) -> User:
    return UserFactory.create(username="lin")


@pytest.fixture
def chief(db: None) -> User:
    return admin(username="chief")


def entries(kind: AuditKind) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind=kind).order_by("pk"))


def sign_in(login: str, password: str = PASSWORD) -> Client:
    cache.clear()  # allauth's own limit of requests, which is another matter
    browser = Client()
    browser.post("/accounts/login/", {"login": login, "password": password})
    return browser


def set_password_by(user: User, by: User) -> None:
    set_password(user, "another long phrase", by=by)


def deactivate_by(user: User, by: User) -> None:
    deactivate(user, by=by)


def test_each_session_that_begins_or_ends_has_its_own_row_however_fast_they_come(lin: User) -> None:
    browsers = [sign_in("lin"), sign_in("lin")]
    labels = [f"session {pk}" for pk in Session.objects.order_by("pk").values_list("pk", flat=True)]
    for browser in browsers:
        browser.post("/accounts/logout/")
    assert [entry.session_label for entry in entries(AuditKind.SIGN_IN)] == labels and len(labels) == 2
    assert [entry.session_label for entry in entries(AuditKind.SIGN_OUT)] == labels


@pytest.mark.parametrize("closing", [set_password_by, deactivate_by])
def test_whatever_ends_sessions_names_each_of_them(
    lin: User, chief: User, closing: Callable[[User, User], None]
) -> None:
    for _browser in range(2):
        sign_in("lin")
    labels = [f"session {pk}" for pk in Session.objects.order_by("-pk").values_list("pk", flat=True)]
    closing(lin, chief)
    ended = entries(AuditKind.SESSION_ENDED)
    assert [entry.reason.partition(":")[0] for entry in ended] == labels and len(labels) == 2
    assert {(entry.person, entry.by) for entry in ended} == {(lin, chief)}
    assert not Session.objects.filter(user=lin).exists()


def test_tokens_that_end_with_an_account_are_written(lin: User, chief: User) -> None:
    issued = [issue_token(user=lin, name=name, scopes=["read"], by=lin)[0] for name in ("one", "two")]
    revoke_token(issued[0], by=lin)
    deactivate(lin, by=chief)
    assert [(entry.token, entry.by) for entry in entries(AuditKind.TOKEN_REVOKED)] == [
        (issued[0], None),
        (issued[1], chief),
    ]
