"""An account that is closed, or whose password an admin sets: each session and token that ends with it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, AuditKind, HistoryEntry, Session, User
from accounts.permissions import Forbidden
from accounts.services import deactivate, issue_token, set_password
from tests.factories.accounts import PASSWORD, UserFactory, admin

pytestmark = pytest.mark.django_db

GIVEN = "given by an admin"
FORM = {"password1": GIVEN, "password2": GIVEN, "usable_password": "true"}


@pytest.fixture
def chief(db: None) -> User:
    return admin(username="chief")


@pytest.fixture
def lin(db: None) -> User:
    """Somebody with two sessions and two tokens."""
    person = UserFactory.create(username="lin")
    for name in ("CI", "Notebook"):
        Client().post("/accounts/login/", {"login": "lin", "password": PASSWORD})
        issue_token(user=person, name=name, scopes=["read"], by=person)
    return person


def entries(kind: AuditKind) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind=kind).order_by("pk"))


def test_a_deactivation_is_told_for_each_session_and_token(lin: User, chief: User) -> None:
    labels = {session.label for session in Session.objects.filter(user=lin)}
    deactivate(lin, by=chief)
    ended, revoked = entries(AuditKind.SESSION_ENDED), entries(AuditKind.TOKEN_REVOKED)
    assert {(entry.person, entry.by) for entry in (*ended, *revoked)} == {(lin, chief)}
    assert {entry.reason.partition(":")[0] for entry in ended} == labels and len(labels) == 2
    assert {entry.token.name for entry in revoked if entry.token} == {"CI", "Notebook"}
    told = HistoryEntry.objects.filter(subject_type="token", action="revoked")
    assert {entry.message for entry in told} == {"CI", "Notebook"} and {entry.actor for entry in told} == {chief}


def test_the_admin_site_tells_from_where_an_account_was_closed(
    lin: User, chief: User, client_of: Callable[[User], Client]
) -> None:
    site, url = client_of(chief), reverse("admin:accounts_user_change", args=[lin.pk])
    fields = {"username": "lin", "name": lin.name, "email": lin.email, "theme": lin.theme, "time_zone": lin.time_zone}
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    answer = site.post(url, fields | rows)  # is_active, a box, is left empty
    assert answer.status_code == 302, answer.content.decode()
    told = (*entries(AuditKind.SESSION_ENDED), *entries(AuditKind.TOKEN_REVOKED))
    assert len(told) == 4
    assert {(entry.by, entry.network, entry.path) for entry in told} == {(chief, "127.0.0.1", url)}
    assert {entry.session_label for entry in told} == {Session.objects.get(user=chief).label}


def test_a_password_that_an_admin_sets_is_told_for_each_session(lin: User, chief: User) -> None:
    set_password(lin, GIVEN, by=chief)
    assert [(entry.person, entry.by) for entry in entries(AuditKind.SESSION_ENDED)] == [(lin, chief)] * 2
    assert lin.tokens.usable().count() == 2


def test_who_may_not_ends_nothing(lin: User) -> None:
    before = (Session.objects.count(), lin.tokens.usable().count())
    for attempt in (lambda by: deactivate(lin, by=by), lambda by: set_password(lin, GIVEN, by=by, revokes_tokens=True)):
        with pytest.raises(Forbidden, match="manage people"):
            attempt(UserFactory.create())
    assert (Session.objects.count(), lin.tokens.usable().count()) == before


@pytest.mark.parametrize(("answer", "left"), [("keep", 2), ("revoke", 0)])
def test_an_admin_is_asked_about_their_tokens(
    lin: User, chief: User, client_of: Callable[[User], Client], answer: str, left: int
) -> None:
    site, url = client_of(chief), reverse("admin:auth_user_password_change", args=[lin.pk])
    page = site.get(url).content.decode()
    assert "Their API tokens" in page and "LDAP" not in page
    refused = site.post(url, FORM)
    assert refused.status_code == 200 and "Choose whether these API tokens stay" in refused.content.decode()
    lin.refresh_from_db()
    assert lin.check_password(PASSWORD) and lin.tokens.usable().count() == 2
    assert site.post(url, FORM | {"tokens": answer}).status_code == 302
    lin.refresh_from_db()
    assert lin.check_password(GIVEN) and lin.tokens.usable().count() == left
    assert {entry.by for entry in entries(AuditKind.TOKEN_REVOKED)} == ({chief} if not left else set())


def test_of_whoever_has_none_nothing_is_asked(chief: User, client_of: Callable[[User], Client]) -> None:
    site, mo = client_of(chief), UserFactory.create(username="mo")
    url = reverse("admin:auth_user_password_change", args=[mo.pk])
    assert "API tokens" not in site.get(url).content.decode().partition('id="user_form"')[2]
    assert site.post(url, FORM).status_code == 302


def test_the_page_of_a_person_leads_to_no_profile_of_somebody_else(
    lin: User, chief: User, client_of: Callable[[User], Client]
) -> None:
    page = client_of(chief).get(reverse("admin:accounts_user_change", args=[lin.pk])).content.decode()
    assert "View on site" not in page


def test_a_new_person_s_password_is_said_to_be_the_first(chief: User, client_of: Callable[[User], Client]) -> None:
    page = client_of(chief).get(reverse("admin:accounts_user_add")).content.decode()
    assert "First password" in page and "They have to change it before anything else opens." in page
