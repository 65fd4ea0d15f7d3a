"""The audit log: what is written into it, bounded, by whom it is read, and how long it is kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.audit import RequestOrigin, record_audit, token_networks
from accounts.audit.audit_writer import MAX_ROWS_A_MINUTE, MAX_STRANGERS_A_MINUTE, mask_name, record_audit_once
from accounts.models import AuditEntry, AuditKind, Team, User
from accounts.roles import Role, Scope
from accounts.services import deactivate, issue_token, revoke_token, set_password
from tests.factories.accounts import PASSWORD, UserFactory, admin, person
from tests.factories.catalog import SourceFactory
from tests.page_text import one_line

pytestmark = pytest.mark.django_db

LOGIN, PAGE = "/accounts/login/", "/audit/"
OFFICE, HOME = "192.0.2.1", "198.51.100.7"
NOON = datetime(2025, 1, 20, 12, 0, 30, tzinfo=UTC)
Browser = Callable[[User], Client]


@pytest.fixture
def lin(db: None) -> User:
    return UserFactory.create(username="lin", name="Lin Chen", email="lin@example.com")


@pytest.fixture
def chief(db: None) -> User:
    return admin(username="chief", name="Chief")


@pytest.fixture(autouse=True)
def forget_token_networks() -> None:
    """A process that has just begun."""
    token_networks.known.clear()


def entries(*kinds: AuditKind) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind__in=kinds or AuditKind.values).order_by("pk"))


def sign_in(login: str, password: str = PASSWORD, *, address: str = OFFICE) -> Client:
    cache.clear()  # allauth's own limit of requests, which is another matter
    browser = Client(REMOTE_ADDR=address)
    browser.post(LOGIN, {"login": login, "password": password})
    return browser


# Who came in, and who did not.


def test_a_sign_in_and_a_sign_out_are_written(lin: User) -> None:
    browser = sign_in("lin@example.com")
    browser.post("/accounts/logout/")
    browser.post("/accounts/logout/")
    came, went = entries()
    assert (came.kind, came.person, came.network) == ("sign_in", lin, OFFICE)
    assert (went.kind, went.person, went.network) == ("sign_out", lin, OFFICE)
    assert came.session_label == went.session_label and came.session_label.startswith("session ")


@pytest.mark.parametrize("login", ["lin", "LIN", "lin@example.com"])
def test_a_failure_names_the_account_that_was_tried(lin: User, login: str) -> None:
    sign_in(login, "a wrong one")
    (entry,) = entries()
    assert (entry.kind, entry.person, entry.name_tried) == ("sign_in_failed", lin, "")
    assert entry.reason == "Wrong name or password." and entry.network == OFFICE
    assert "a wrong one" not in str(AuditEntry.objects.values())


@pytest.mark.parametrize("typed", ["hunter2-My-Secret", "mara@example.com", "x", "\u200b" * 30, "p" * 500])
def test_what_nobody_is_called_is_hidden_since_it_may_be_a_password(typed: str) -> None:
    sign_in(typed, "whatever")
    (entry,) = entries()
    assert entry.person is None and entry.name_tried in (f"{typed[:2]}…", "…")
    assert len(entry.name_tried) <= 3
    assert typed not in str(AuditEntry.objects.values()) or len(typed) == 1


def test_the_beginning_of_a_name_says_little_of_a_short_one() -> None:
    assert [mask_name(name) for name in ("", "a", "abcd", "abcde")] == ["", "…", "…", "ab…"]


def test_who_must_wait_is_written_too(lin: User, settings: Any) -> None:
    settings.SIGN_IN_ACCOUNT_FAILURES = 2
    for password in ("wrong", "wrong", PASSWORD):
        sign_in("lin", password)
    failed, locked = entries()
    assert failed.times == 2
    assert "Too many attempts" in locked.reason and "not looked at" in locked.reason


def test_an_account_that_is_deactivated_is_told(lin: User, chief: User) -> None:
    deactivate(lin, by=chief)
    sign_in("lin")
    assert [entry.reason for entry in entries(AuditKind.SIGN_IN_FAILED)] == ["The account is deactivated."]


# Refusals.


def test_a_refused_page_is_written_with_its_path_and_without_its_query(lin: User, client_of: Browser) -> None:
    browser = client_of(lin)
    assert browser.get("/sources/new/?secret=1").status_code == 403
    (entry,) = entries(AuditKind.REFUSED)
    assert (entry.person, entry.token, entry.path) == (lin, None, "/sources/new/")
    assert "You may not create or change a source." in entry.reason
    assert entry.network == "127.0.0.1" and entry.session_label.startswith("session ")


def test_the_admin_site_and_the_audit_log_refuse_in_writing(lin: User, client_of: Browser) -> None:
    browser = client_of(lin)
    assert browser.get("/admin/login/").status_code == 403
    assert browser.get(PAGE).status_code == 403
    assert {entry.path for entry in entries(AuditKind.REFUSED)} == {"/admin/login/", PAGE}


def test_a_refused_program_is_written_with_its_token(lin: User, team: Team, api_of: Callable[..., APIClient]) -> None:
    source = SourceFactory.create(owner_team=team)
    url = reverse("source-rotate-key", args=[source.slug, "staging"])
    assert api_of(lin).post(f"{url}").status_code == 403
    assert api_of(lin, Scope.CHECK).get("/api/v1/events/?q=private").status_code == 403
    role, scope = entries(AuditKind.REFUSED)
    assert role.token == lin.tokens.earliest("pk") and role.path == url
    assert "it lacks the scope “read”" in scope.reason and scope.path == "/api/v1/events/"
    assert role.session_label == scope.session_label == ""


def test_the_api_refuses_a_session_in_writing_too(lin: User, team: Team, client_of: Browser) -> None:
    source = SourceFactory.create(owner_team=team)
    url = reverse("source-rotate-key", args=[source.slug, "staging"])
    assert client_of(lin).post(url, {}, "application/json").status_code == 403
    (entry,) = entries(AuditKind.REFUSED)
    assert entry.person == lin and entry.session_label


def test_nothing_is_written_of_strangers_who_are_led_to_the_sign_in() -> None:
    assert Client().get(PAGE).status_code == 302
    assert APIClient().get("/api/v1/events/").status_code == 401
    assert entries() == []


# Tokens.


def test_the_first_use_of_a_token_from_each_network_is_written_once(lin: User, api_of: Callable[..., Any]) -> None:
    api = api_of(lin)
    for address in (OFFICE, OFFICE, HOME, OFFICE, "2001:db8::1", "2001:db8::2"):
        assert api.get("/api/v1/events/", REMOTE_ADDR=address).status_code == 200
        token_networks.known.clear()  # another process, which knows nothing
    found = entries(AuditKind.TOKEN_NETWORK)
    assert [entry.network for entry in found] == [OFFICE, HOME, "2001:db8::/64"]
    assert {(entry.person, entry.token, entry.times) for entry in found} == {(lin, lin.tokens.get(), 1)}
    second, _plain = issue_token(user=lin, name="another", scopes=["read"], by=lin)
    APIClient().get("/api/v1/events/", REMOTE_ADDR=OFFICE, HTTP_AUTHORIZATION=f"Bearer {_plain}")
    assert entries(AuditKind.TOKEN_NETWORK)[-1].token == second


def test_a_token_in_a_loop_of_networks_fills_no_table(lin: User) -> None:
    token, _plain = issue_token(user=lin, name="leaked", scopes=["read"], by=lin)
    for number in range(15):
        origin = RequestOrigin(f"198.51.100.{number}")
        record_audit_once(AuditKind.TOKEN_NETWORK, person=lin, origin=origin, token=token, at=NOON)
    found = entries(AuditKind.TOKEN_NETWORK)
    assert len(found) == 11
    assert sum(entry.times for entry in found) == 15


def test_a_network_that_is_known_costs_no_query(lin: User, api_of: Callable[..., Any]) -> None:
    api = api_of(lin)
    api.get("/api/v1/events/")
    with CaptureQueriesContext(connection) as captured:
        assert api.get("/api/v1/events/").status_code == 200
    assert not [each for each in captured.captured_queries if "auditentry" in each["sql"]]


def test_tokens_created_and_revoked_are_written_with_who_did_it(lin: User, chief: User, client_of: Browser) -> None:
    client_of(lin).post("/settings/tokens/", {"name": "CI", "scopes": ["read", "check"]}, REMOTE_ADDR=HOME)
    revoke_token(lin.tokens.get(), by=chief)
    issued, revoked = entries(AuditKind.TOKEN_ISSUED, AuditKind.TOKEN_REVOKED)
    assert (issued.person, issued.by, issued.network, issued.reason) == (lin, None, HOME, "For check, read.")
    assert (revoked.person, revoked.by, revoked.token) == (lin, chief, lin.tokens.get())


def test_a_token_that_works_no_more_is_written(lin: User, api_of: Callable[..., Any]) -> None:
    api = api_of(lin)
    revoke_token(lin.tokens.get(), by=lin)
    for _again in range(3):
        assert api.get("/api/v1/events/", REMOTE_ADDR=HOME).status_code == 401
    (entry,) = entries(AuditKind.TOKEN_REFUSED)
    assert (entry.person, entry.token, entry.network) == (lin, lin.tokens.get(), HOME)
    assert entry.reason.startswith("This token was revoked.") and entry.times == 3
    APIClient().get("/api/v1/events/", HTTP_AUTHORIZATION="Bearer sb_nobody-s")
    assert len(entries(AuditKind.TOKEN_REFUSED)) == 1


def test_passwords_that_others_set_are_written(lin: User, chief: User) -> None:
    set_password(lin, "another long phrase", by=chief)
    (entry,) = entries(AuditKind.PASSWORD_CHANGED)
    assert (entry.person, entry.by, entry.reason) == (lin, chief, "Password set.")


# Bounds.


def test_the_same_within_a_minute_is_one_row_that_counts(lin: User) -> None:
    for seconds in (0, 1, 29, 30, 31):
        record_audit(AuditKind.REFUSED, person=lin, reason="No.", at=NOON + timedelta(seconds=seconds))
    assert [(entry.at, entry.times) for entry in entries()] == [(NOON, 3), (NOON + timedelta(seconds=30), 2)]


def test_a_loop_fills_no_table_and_hides_nothing_of_another_kind(lin: User) -> None:
    mo = UserFactory.create(username="mo")
    for number in range(60):
        origin = RequestOrigin(OFFICE, None, f"/events/{number}/")
        record_audit(AuditKind.REFUSED, person=lin, origin=origin, reason="No.", at=NOON)
        record_audit(AuditKind.SIGN_IN_FAILED, person=lin, origin=RequestOrigin(f"192.0.2.{number}"), at=NOON)
    record_audit(AuditKind.SIGN_IN, person=lin, origin=RequestOrigin(HOME), at=NOON)
    record_audit(AuditKind.REFUSED, person=mo, origin=RequestOrigin(OFFICE, None, "/x/"), reason="No.", at=NOON)
    refused = [entry for entry in entries(AuditKind.REFUSED) if entry.person == lin]
    assert len(refused) == MAX_ROWS_A_MINUTE + 1
    assert sum(entry.times for entry in refused) == 60
    assert (refused[-1].path, refused[-1].reason) == ("", "More than can be told apart within one minute.")
    assert [entry.network for entry in entries(AuditKind.SIGN_IN)] == [HOME]
    assert [entry.path for entry in entries(AuditKind.REFUSED) if entry.person == mo] == ["/x/"]
    record_audit(AuditKind.REFUSED, person=lin, origin=origin, reason="No.", at=NOON + timedelta(minutes=1))
    assert entries()[-1].path == "/events/59/", "the next minute tells again"


def test_strangers_are_bounded_by_network_and_all_together() -> None:
    for number in range(30):
        record_audit(AuditKind.SIGN_IN_FAILED, name_tried=f"nobody-{number}", origin=RequestOrigin(OFFICE), at=NOON)
    assert len(entries()) == MAX_ROWS_A_MINUTE + 1
    for number in range(MAX_STRANGERS_A_MINUTE + 50):
        origin = RequestOrigin(f"2001:db8:0:{number:x}::/64")
        record_audit(AuditKind.SIGN_IN_FAILED, name_tried=f"nobody-{number}", origin=origin, at=NOON)
    assert len(entries()) <= MAX_STRANGERS_A_MINUTE + 1
    assert sum(entry.times for entry in entries()) == 30 + MAX_STRANGERS_A_MINUTE + 50


def test_a_page_in_a_loop_is_bounded_through_the_whole_stack(lin: User, client_of: Browser, chief: User) -> None:
    browser = client_of(lin)
    for number in range(40):
        assert browser.get(f"/admin/?{number}").status_code == 302
        assert browser.get(f"/sources/new/?{number}").status_code == 403
    found = entries(AuditKind.REFUSED)
    assert len(found) <= 2, "one for each minute that the loop took"
    assert sum(entry.times for entry in found) == 40


@pytest.mark.django_db(transaction=True)
def test_the_same_from_many_processes_at_once_is_counted_once_each() -> None:
    lin = UserFactory.create()
    start = Barrier(6)

    def refuse(_number: int) -> None:
        start.wait(timeout=10)
        try:
            record_audit(AuditKind.REFUSED, person=lin, reason="No.", at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(refuse, range(6), timeout=30))
    assert [(entry.times, entry.reason) for entry in entries()] == [(6, "No.")]


# The page.


@pytest.fixture
def logged(lin: User, chief: User) -> list[AuditEntry]:
    """Four entries on four days, and that of a token that was made just now."""
    token, _plain = issue_token(user=lin, name="CI", scopes=["read"], by=chief)
    day = timedelta(days=1)
    office, home = RequestOrigin(OFFICE, 7, "/sources/new/"), RequestOrigin(HOME)
    record_audit(AuditKind.REFUSED, person=lin, origin=office, reason="You may not.", at=NOON - 3 * day)
    for _twice in range(2):
        record_audit(AuditKind.SIGN_IN_FAILED, name_tried="hunter2-secret", origin=home, at=NOON - 2 * day)
    record_audit(AuditKind.TOKEN_NETWORK, person=lin, token=token, origin=home, at=NOON - day)
    record_audit(AuditKind.SESSION_ENDED, person=lin, by=chief, at=NOON)
    return entries()


def exported(browser: Client, query: str) -> list[dict[str, str]]:
    response = browser.get(f"{PAGE}?{query}&export=csv")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode())))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST])
def test_admins_and_data_leads_read_it_and_find_it_in_the_menu(
    role: Role, logged: list[AuditEntry], client_of: Browser
) -> None:
    response = client_of(person(role)).get(PAGE)
    page = one_line(response.content.decode())
    assert response.headers["Cache-Control"] == "no-store"
    assert 'href="/audit/" aria-current="page"' in page
    for words in (
        "Lin Chen",
        "by <a",
        "nobody’s name:",
        "hu…",
        "Token used from a new network",
        "You may not.",
        "/sources/new/",
        "session 7",
        OFFICE,
        "CI",
    ):
        assert words in page, words
    assert "hunter2" not in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PM, Role.DEVELOPER, Role.QA])
def test_others_are_told_whose_it_is(role: Role, client_of: Browser) -> None:
    response = client_of(person(role)).get(PAGE)
    page = one_line(response.content.decode())
    assert response.status_code == 403 and "You may not read the audit log." in page
    assert "Analyst, Admin" in page and 'href="/audit/"' not in page


def test_an_analyst_of_one_team_is_no_data_lead(team: Team, client_of: Browser) -> None:
    assert client_of(person(Role.ANALYST, team=team)).get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", ["token_issued", "session_ended", "token_network", "sign_in_failed", "refused"]),
        ("kind=refused", ["refused"]),
        ("kind=refused&kind=token_network", ["token_network", "refused"]),
        ("q=chen", ["token_issued", "session_ended", "token_network", "refused"]),
        ("q=chief", ["token_issued", "session_ended"]),
        ("person=lin", ["token_issued", "session_ended", "token_network", "refused"]),
        ("person=LIN&kind=refused", ["refused"]),
        ("person=nobody", []),
        (f"network={HOME}", ["token_network", "sign_in_failed"]),
        ("until=2025-01-19", ["token_network", "sign_in_failed", "refused"]),
        ("since=2025-01-18&until=2025-01-19", ["token_network", "sign_in_failed"]),
        ("since=2025-01-21&until=2025-01-22", []),
        ("until=2025-01-20&sort=at", ["refused", "sign_in_failed", "token_network", "session_ended"]),
        ("until=2025-01-20&sort=-times", ["sign_in_failed", "session_ended", "token_network", "refused"]),
    ],
)
def test_it_is_narrowed_sorted_and_exported(
    logged: list[AuditEntry], chief: User, client_of: Browser, query: str, kinds: list[str]
) -> None:
    assert [row["kind"] for row in exported(client_of(chief), query)] == kinds


def test_an_export_says_all_that_the_page_says(logged: list[AuditEntry], chief: User, client_of: Browser) -> None:
    (refused,) = exported(client_of(chief), "kind=refused")
    assert refused["person"] == "lin" and refused["path"] == "/sources/new/" and refused["session"] == "session 7"
    (failed,) = exported(client_of(chief), "kind=sign_in_failed")
    assert (failed["times"], failed["name_tried"], failed["person"]) == ("2", "hu…", "")


def test_days_are_those_of_the_reader(logged: list[AuditEntry], chief: User, client_of: Browser) -> None:
    record_audit(AuditKind.SIGN_OUT, person=chief, at=datetime(2025, 1, 10, 23, 30, tzinfo=UTC))
    assert len(exported(client_of(chief), "kind=sign_out&since=2025-01-11&until=2025-01-11")) == 0
    User.objects.filter(pk=chief.pk).update(time_zone="Asia/Tokyo")
    assert len(exported(client_of(chief), "kind=sign_out&since=2025-01-11&until=2025-01-11")) == 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday", "2026-02-30"])
def test_a_day_that_is_none_is_a_pill_to_take_away(
    logged: list[AuditEntry], chief: User, client_of: Browser, day: str
) -> None:
    for name in ("since", "until"):
        page = client_of(chief).get(f"{PAGE}?{name}={day}")
        assert page.status_code == 200 and "Ignored" in page.content.decode()


def test_nothing_there_differs_from_nothing_that_matches(chief: User, client_of: Browser) -> None:
    browser = client_of(chief)
    assert "Nothing yet" in browser.get(PAGE).content.decode()
    record_audit(AuditKind.SIGN_OUT, person=chief)
    assert "No entry matches" in browser.get(f"{PAGE}?kind=refused").content.decode()
