"""A password that somebody else chose opens one page: the one that changes it. And what a change asks and ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import AuditEntry, AuditKind, Membership, Session, User
from accounts.roles import COMPANY_ROLES, Role
from accounts.services import create_person, issue_token, set_password
from demo.company import PEOPLE
from demo.credentials import write_credentials
from tests.factories.accounts import PASSWORD, UserFactory, admin
from tests.hostile.every_address import addresses, create_rows
from tests.page_text import one_line

pytestmark = pytest.mark.django_db

LOGIN, CHANGE = "/accounts/login/", "/accounts/password/change/"
GIVEN, OWN = "given by an admin", "an altogether new phrase"
FORM = {"oldpassword": GIVEN, "password1": OWN, "password2": OWN}
OPEN_TO_ALL = {"traffic:healthz", "traffic:readyz", "traffic:figures", "traffic:collector"}
"""Answered to whoever asks, signed in or not: programs."""


@pytest.fixture
def newcomer() -> User:
    """Somebody whom an admin has just added."""
    return create_person(username="mara", password=GIVEN, name="Mara", by=admin())


def signed_in(password: str = GIVEN) -> Client:
    browser = Client()
    assert browser.post(LOGIN, {"login": "mara", "password": password}).status_code == 302
    return browser


def test_the_first_sign_in_leads_to_the_page_and_then_to_where_they_wanted(newcomer: User) -> None:
    browser = Client()
    answer = browser.post(LOGIN, {"login": "mara", "password": GIVEN, "next": "/events/?q=cart"}, follow=True)
    assert answer.request["PATH_INFO"] == CHANGE
    page = one_line(answer.content.decode())
    assert "Choose a password of your own" in page and 'name="next" value="/events/?q=cart"' in page
    assert browser.get("/requests/")["Location"] == f"{CHANGE}?next=%2Frequests%2F"
    changed = browser.post(CHANGE, FORM | {"next": "/events/?q=cart"})
    assert changed["Location"] == "/events/?q=cart"
    assert browser.get("/events/").status_code == 200
    newcomer.refresh_from_db()
    assert not newcomer.must_change_password and newcomer.check_password(OWN)
    assert signed_in(OWN).get("/events/").status_code == 200


@pytest.mark.timeout(300)
def test_until_then_no_address_shows_anything(newcomer: User) -> None:
    rows = create_rows()
    for role in COMPANY_ROLES:
        Membership.objects.create(user=newcomer, role=role)
    browser = signed_in()
    browser.raise_request_exception = False
    seen: list[str] = []
    for address in addresses():
        if address.name in OPEN_TO_ALL | {"account_change_password"}:
            continue
        for method in ("GET", "POST"):
            response = browser.generic(method, address.url(rows.arguments(address)))
            is_led = response.status_code == 302 and response["Location"].startswith(CHANGE)
            is_refused = response.status_code == 403 and "/accounts/password/change/" in response.content.decode()
            is_nothing = response.status_code in (404, 405) or address.name == "home:favicon"
            if not (is_led or is_refused or is_nothing):
                seen.append(f"{response.status_code} {method} {address.name}")
    assert seen == []
    assert browser.get("/events/")["Location"].startswith(CHANGE), "and still is signed in"


def test_they_can_sign_out_instead(newcomer: User) -> None:
    browser = signed_in()
    assert browser.get("/accounts/logout/").status_code == 200
    assert browser.post("/accounts/logout/").status_code == 302
    assert browser.get("/events/")["Location"].startswith(LOGIN)


def test_tokens_are_not_touched(newcomer: User) -> None:
    _, plain = issue_token(user=newcomer, name="CI", scopes=["read"], by=newcomer)
    api = APIClient(headers={"authorization": f"Bearer {plain}"})
    assert api.get("/api/v1/events/").status_code == 200
    browser = signed_in()
    assert browser.get("/api/v1/events/").status_code == 403
    with_both = browser.get("/api/v1/events/", headers={"authorization": f"Bearer {plain}"})
    assert with_both.status_code == 200, "the token says who asks"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password1": GIVEN, "password2": GIVEN}, "That is the password that you have. Choose another one."),
        ({"oldpassword": "something else"}, "type your current password"),
        ({"password2": "something else"}, "type the same password"),
        ({"password1": "12345", "password2": "12345"}, "too short"),
    ],
)
def test_a_change_that_is_none_is_refused_with_words(newcomer: User, wrong: dict[str, str], words: str) -> None:
    browser = signed_in()
    page = browser.post(CHANGE, FORM | wrong)
    assert page.status_code == 200 and words in one_line(page.content.decode())
    newcomer.refresh_from_db()
    assert newcomer.must_change_password
    assert browser.get("/events/").status_code == 302


def test_a_password_that_an_admin_sets_is_a_first_one_again(client_of: Callable[[User], Client]) -> None:
    lin, chief = UserFactory.create(username="mara"), admin()
    url = reverse("admin:auth_user_password_change", args=[lin.pk])
    form = {"password1": GIVEN, "password2": GIVEN, "usable_password": "true"}
    assert client_of(chief).post(url, form).status_code == 302
    lin.refresh_from_db()
    assert lin.must_change_password
    assert signed_in().get("/events/")["Location"].startswith(CHANGE)
    set_password(lin, None, by=chief)
    lin.refresh_from_db()
    assert not lin.must_change_password


def test_an_admin_who_sets_their_own_goes_on(client_of: Callable[[User], Client]) -> None:
    chief = admin()
    browser, other = client_of(chief), client_of(chief)
    url = reverse("admin:auth_user_password_change", args=[chief.pk])
    form = {"password1": OWN, "password2": OWN, "usable_password": "true"}
    assert browser.post(url, form).status_code == 302
    assert browser.get("/events/").status_code == 200 and other.get("/events/").status_code == 302
    assert Session.objects.of_people().count() == 1
    chief.refresh_from_db()
    assert not chief.must_change_password and chief.check_password(OWN)


def test_whoever_was_there_before_goes_on(client_of: Callable[[User], Client]) -> None:
    assert client_of(UserFactory.create()).get("/events/").status_code == 200


def test_an_admin_who_adds_themselves_at_the_command_line_chose_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="chief", interactive=False, verbosity=0)
    assert not User.objects.get(username="chief").must_change_password


def test_the_demo_s_accounts_sign_in_with_what_was_printed(settings: Any, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path
    chief = admin()
    for entry in PEOPLE:
        if entry.account:
            account = create_person(username=entry.username, password=GIVEN, name=entry.name, by=chief)
            Membership.objects.create(user=account, role=Role.ANALYST)
    assert write_credentials("http://127.0.0.1:8000")
    accounts = json.loads((tmp_path / "demo.json").read_text())["accounts"]
    assert len(accounts) == 6
    for account in accounts.values():
        browser = Client()
        browser.post(LOGIN, {"login": account["username"], "password": account["password"]})
        assert browser.get("/events/").status_code == 200, account["username"]


# What a change asks about tokens, and ends.


@pytest.fixture
def lin() -> User:
    return UserFactory.create(username="mara", password=GIVEN)


def test_whoever_has_tokens_says_what_becomes_of_them(lin: User) -> None:
    for name in ("CI of the shop", "My laptop"):
        issue_token(user=lin, name=name, scopes=["read"], by=lin)
    browser = signed_in()
    page = one_line(browser.get(CHANGE).content.decode())
    assert all(f'{token.name} <span class="muted mono">{token.prefix}…' in page for token in lin.tokens.all())
    assert "checked" not in page.partition('id="id_tokens"')[2].partition("</fieldset>")[0], (
        "nothing is chosen for them"
    )
    refused = one_line(browser.post(CHANGE, FORM).content.decode())
    assert "Choose whether these API tokens stay" in refused
    lin.refresh_from_db()
    assert lin.check_password(GIVEN) and lin.tokens.usable().count() == 2


def test_tokens_that_are_kept_go_on(lin: User) -> None:
    issue_token(user=lin, name="CI", scopes=["read"], by=lin)
    answer = signed_in().post(CHANGE, FORM | {"tokens": "keep"}, follow=True)
    assert "Your password is changed." in answer.content.decode()
    assert lin.tokens.usable().count() == 1


def test_tokens_that_are_not_end_at_once_and_those_of_others_stay(lin: User) -> None:
    mo = UserFactory.create()
    issue_token(user=mo, name="Mo's", scopes=["read"], by=mo)
    issued = [issue_token(user=lin, name=name, scopes=["read"], by=lin) for name in ("CI", "Laptop")]
    answer = signed_in().post(CHANGE, FORM | {"tokens": "revoke"}, follow=True)
    assert "Your password is changed. 2 API tokens are revoked." in answer.content.decode()
    for _token, plain in issued:
        assert APIClient(headers={"authorization": f"Bearer {plain}"}).get("/api/v1/events/").status_code == 401
    assert mo.tokens.usable().count() == 1
    assert AuditEntry.objects.filter(kind=AuditKind.TOKEN_REVOKED, person=lin).count() == 2


def test_whoever_has_none_is_not_asked(lin: User) -> None:
    browser = signed_in()
    assert "Your API tokens" not in browser.get(CHANGE).content.decode()
    assert browser.post(CHANGE, FORM).status_code == 302


def test_other_sessions_end_and_this_one_gets_another_key(lin: User) -> None:
    other, browser = signed_in(), signed_in()
    key = browser.session.session_key
    assert browser.post(CHANGE, FORM).status_code == 302
    assert browser.session.session_key != key
    assert browser.get("/events/").status_code == 200 and other.get("/events/").status_code == 302
    assert [row.session_key for row in Session.objects.of_people()] == [browser.session.session_key]
    kinds = list(AuditEntry.objects.filter(person=lin).order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["password_changed", "session_ended"]
