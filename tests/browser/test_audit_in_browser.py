"""The audit log, one's sessions and a first password, as people meet them in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.audit import RequestOrigin, record_audit
from accounts.models import AuditKind, Session, User
from accounts.services import create_person, issue_token
from tests.browser.browser_session import BrowserSession
from tests.browser.test_every_page import page_problems
from tests.factories.accounts import PASSWORD, UserFactory, admin

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(200)]

LONG_NAME = "W" * 120


def fill_audit_log(lin: User, chief: User) -> None:
    """One entry of each kind, with the longest that may stand in each column."""
    token, _plain = issue_token(user=lin, name=LONG_NAME, scopes=["read"], by=lin)
    path = f"/requests/{'9' * 18}/move/{'x' * 160}"
    for number, kind in enumerate(AuditKind):
        record_audit(
            kind,
            person=lin,
            by=chief if number % 2 else None,
            origin=RequestOrigin("2001:db8:1234:5678::/64", number + 1, path if number % 3 == 0 else ""),
            token=token if "token" in kind.value else None,
            reason="You may not create or change a source. This needs the role developer, analyst or admin.",
            at=timezone.now() - timedelta(hours=number),
        )
    for _again in range(1_234):
        record_audit(AuditKind.SIGN_IN_FAILED, name_tried="hunter2-secret", origin=RequestOrigin("192.0.2.1"))


def test_the_audit_log_is_read_and_narrowed(window: Callable[..., BrowserSession]) -> None:
    lin, chief = UserFactory.create(username="lin", name=LONG_NAME), admin(name="Henrik Dahl")
    fill_audit_log(lin, chief)
    visitor = window(chief, reduced_motion="reduce")
    page = visitor.open("/")
    page.get_by_role("link", name="Audit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
    expect(page.locator("main")).to_contain_text("nobody’s name: hu…")
    assert page_problems(page, has_shell=False) == []
    page.locator("details.facet summary", has_text="What").click()
    page.get_by_label("Failed to sign in").check()
    expect(page.get_by_role("row")).to_have_count(3)  # with the head
    expect(page).to_have_url(re.compile(r"kind=sign_in_failed"))
    page.get_by_role("link", name="192.0.2.1").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("1 234".replace(" ", "\u202f"))
    page.get_by_label("To", exact=True).fill("2020-01-01")
    expect(page.locator("main")).to_contain_text("No entry matches")
    assert page_problems(page, has_shell=False) == []


def test_a_session_elsewhere_is_seen_and_ended(window: Callable[..., BrowserSession]) -> None:
    lin = UserFactory.create(username="lin", name="Lin Chen")
    phone = window(lin, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) Version/18.5 Safari/604.1")
    desk = window(lin, reduced_motion="reduce")
    page = desk.open("/settings/profile/")
    sessions = page.locator("#sessions")
    expect(sessions.get_by_role("row")).to_have_count(3)
    expect(sessions.get_by_role("row", name="this one")).to_contain_text("Sign out")
    assert page_problems(page, has_shell=False) == []
    sessions.get_by_role("button", name="End Safari on iPhone").click()
    expect(page.get_by_text("Safari on iPhone is signed out.")).to_be_visible()
    expect(sessions.get_by_role("row")).to_have_count(2)
    phone.open("/events/").wait_for_url("**/accounts/login/?next=/events/")
    assert Session.objects.of_people().count() == 1


def test_a_first_password_is_changed_before_anything_else(window: Callable[..., BrowserSession]) -> None:
    newcomer = create_person(username="mara", password=PASSWORD, name="Mara", by=admin())
    issue_token(user=newcomer, name="CI of the web shop", scopes=["read"], by=newcomer)
    visitor = window(reduced_motion="reduce")
    page = visitor.open("/events/")
    page.get_by_label("Username").fill("mara")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/password/change/?next=**")
    expect(page.locator("main")).to_contain_text("Choose a password of your own")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.get_by_label("Keep them").check()
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("[data-errors]")).to_contain_text("That is the password that you have.")
    assert page_problems(page, has_shell=False) == []
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("an altogether new phrase")
    page.get_by_label("New password, again").fill("an altogether new phrase")
    page.get_by_label("Revoke them").check()
    page.get_by_role("button", name="Change the password").click()
    page.wait_for_url("**/events/")
    expect(page.get_by_text("1 API token is revoked.")).to_be_visible()
