"""Sessions: they end when nobody uses them and when their time is over, are listed, and can be ended."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit import RequestOrigin
from accounts.models import AuditEntry, AuditKind, Session, User
from accounts.permissions import Forbidden
from accounts.services import change_own_password, deactivate, end_other_sessions, end_session, reactivate, set_password
from accounts.sessions.client_words import client_words
from accounts.sessions.session_store import SIGNED_IN, SessionStore
from accounts.tasks import expire
from tests.factories.accounts import PASSWORD, UserFactory, admin
from tests.page_text import one_line

pytestmark = pytest.mark.django_db

LOGIN, PROFILE = "/accounts/login/", "/settings/profile/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def lin(db: None) -> User:
    return UserFactory.create(username="lin", name="Lin")


def signed_in(*, agent: str = FIREFOX, address: str = "192.0.2.1", login: str = "lin") -> Client:
    """A browser in which somebody signed in by the form."""
    browser = Client(REMOTE_ADDR=address, headers={"user-agent": agent})
    assert browser.post(LOGIN, {"login": login, "password": PASSWORD}).status_code == 302
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get(PROFILE).status_code == 200


def row_of(browser: Client) -> Session:
    return Session.objects.get(session_key=browser.session.session_key)


def secret_of(browser: Client) -> str:
    """The key of a browser's session, which nobody else may see."""
    return str(browser.session.session_key)


def let_pass(browser: Client, age: timedelta) -> None:
    """Let a session be as if all of it had happened earlier."""
    row, data = row_of(browser), browser.session
    data[SIGNED_IN] = data[SIGNED_IN] | {"at": (datetime.fromisoformat(data[SIGNED_IN]["at"]) - age).isoformat()}
    data.save()
    Session.objects.filter(pk=row.pk).update(
        last_seen_at=row.last_seen_at - age, expire_date=row.expire_date - age, created_at=row.created_at - age
    )


def test_a_sign_in_says_whose_from_where_and_until_when(lin: User, settings: Any) -> None:
    before = timezone.now()
    row = row_of(signed_in(address="2001:db8:1:2:3::4"))
    assert (row.user, row.network, row.client) == (lin, "2001:db8:1:2::/64", "Firefox on Windows")
    assert before <= row.created_at <= row.last_seen_at + timedelta(seconds=5)
    assert before <= row.expire_date - settings.SESSION_IDLE <= timezone.now()
    second = row_of(signed_in(agent=SAFARI))
    assert second.pk != row.pk and second.client == "Safari on iPhone"


def test_a_session_that_nobody_uses_ends(lin: User, settings: Any) -> None:
    browser = signed_in()
    let_pass(browser, settings.SESSION_IDLE - timedelta(minutes=1))
    assert is_signed_in(browser)
    let_pass(browser, settings.SESSION_IDLE + timedelta(seconds=1))
    assert browser.get(PROFILE)["Location"].startswith(LOGIN)
    assert not is_signed_in(browser)


def test_use_puts_its_end_off_and_not_for_ever(lin: User, settings: Any) -> None:
    browser = signed_in()
    for _day in range(settings.SESSION_LIFETIME.days * 3 - 1):
        let_pass(browser, timedelta(hours=8))
        assert is_signed_in(browser)
    let_pass(browser, timedelta(hours=8))
    assert not is_signed_in(browser), "fourteen days after the sign-in it is over, however much it was used"


def test_its_absolute_end_survives_what_saves_it(lin: User, settings: Any) -> None:
    browser = signed_in()
    settings.SESSION_IDLE = settings.SESSION_LIFETIME * 2
    data = browser.session
    begun = timezone.now() - settings.SESSION_LIFETIME + timedelta(minutes=5)
    data[SIGNED_IN] = data[SIGNED_IN] | {"at": begun.isoformat()}
    data.save()
    assert row_of(browser).expire_date == begun + settings.SESSION_LIFETIME
    form = {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"}
    assert browser.post("/accounts/password/change/", form).status_code == 302
    assert row_of(browser).expire_date == begun + settings.SESSION_LIFETIME, "the new session of the same sign-in"


def test_a_session_without_a_known_beginning_gets_one(lin: User) -> None:
    browser = Client()
    browser.force_login(lin)
    assert browser.session[SIGNED_IN]["at"]
    assert row_of(browser).user == lin


def writes_of(browser: Client, **headers: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(PROFILE, headers=headers).status_code == 200
    return [each["sql"] for each in captured.captured_queries if each["sql"].startswith("UPDATE")]


def test_its_last_use_is_written_once_a_minute(lin: User) -> None:
    browser = signed_in()
    assert writes_of(browser) == []
    let_pass(browser, timedelta(minutes=2))
    earlier = row_of(browser).last_seen_at
    assert len(writes_of(browser)) == 1
    assert row_of(browser).last_seen_at > earlier + timedelta(minutes=1)
    assert writes_of(browser) == []


def test_a_page_that_renews_itself_is_no_use(lin: User, settings: Any) -> None:
    browser = signed_in()
    let_pass(browser, timedelta(hours=8))
    assert writes_of(browser, x_poll="1") == []
    let_pass(browser, settings.SESSION_IDLE - timedelta(hours=8) + timedelta(seconds=1))
    assert browser.get(PROFILE, headers={"x-poll": "1"}).status_code == 302


def test_programs_with_a_token_touch_no_session(lin: User, api_of: Callable[..., Client]) -> None:
    api = api_of(lin)
    assert api.get("/api/v1/events/").status_code == 200
    assert not Session.objects.exists()


def test_another_secret_is_the_same_session(lin: User) -> None:
    """What the audit log says of a session before and after its person's password changed is of one number."""
    browser = signed_in()
    before, key = row_of(browser), secret_of(browser)
    form = {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"}
    assert browser.post("/accounts/password/change/", form).status_code == 302
    after = row_of(browser)
    assert after.pk == before.pk and secret_of(browser) != key
    assert is_signed_in(browser) and Session.objects.count() == 1
    assert (after.created_at, after.network, after.user_agent) == (before.created_at, before.network, FIREFOX)
    thief = Client()
    thief.cookies["sessionid"] = key
    assert not is_signed_in(thief), "the former secret"


def test_no_secret_is_changed_of_a_session_that_was_ended(lin: User) -> None:
    browser = signed_in()
    under_way = SessionStore(browser.session.session_key)
    assert under_way["_auth_user_id"] == str(lin.pk)
    end_session(row_of(browser), by=lin)
    with pytest.raises(SessionInterrupted):
        under_way.cycle_key()
    assert not Session.objects.exists()


def test_a_session_that_ends_while_its_password_changes_is_not_revived(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in()
    session = row_of(browser)

    def ended_meanwhile(*args: Any, **kwargs: Any) -> int:
        revoked = change_own_password(*args, **kwargs)
        end_session(session, by=admin())
        return revoked

    monkeypatch.setattr("accounts.views.password.change_own_password", ended_meanwhile)
    form = {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"}
    assert browser.post("/accounts/password/change/", form).status_code == 400
    assert not is_signed_in(browser) and not Session.objects.filter(user=lin).exists()


def test_a_session_that_was_ended_is_not_revived_by_a_request_under_way(lin: User) -> None:
    browser = signed_in()
    under_way = SessionStore(browser.session.session_key)
    under_way["typed"] = "something"
    end_session(row_of(browser), by=lin)
    with pytest.raises(UpdateError):
        under_way.save()
    under_way.last_seen_at = timezone.now() - timedelta(hours=1)
    under_way.note_use()
    assert not Session.objects.exists()


# The list.


def test_people_see_their_sessions_and_which_is_this_one(lin: User) -> None:
    phone, desk = signed_in(agent=SAFARI, address="198.51.100.7"), signed_in()
    signed_in(login=UserFactory.create(username="mo").username, address="203.0.113.9")
    page = one_line(desk.get(PROFILE).content.decode())
    assert "Safari on iPhone" in page and "198.51.100.7" in page
    assert 'Firefox on Windows <span class="tag">this one</span>' in page
    assert "203.0.113.9" not in page, "another person's"
    for browser in (phone, desk):
        assert secret_of(browser) not in page, "the secret is shown nowhere"
    ended = Session.objects.get(network="198.51.100.7")
    Session.objects.filter(pk=ended.pk).update(expire_date=timezone.now())
    assert "198.51.100.7" not in desk.get(PROFILE).content.decode()


def test_one_is_ended_by_its_person_and_stops_at_once(lin: User) -> None:
    phone, desk = signed_in(agent=SAFARI), signed_in()
    url = reverse("session-end", args=[row_of(phone).pk])
    assert desk.get(url)["Location"] == f"{PROFILE}#sessions" and is_signed_in(phone), "a link alone ends nothing"
    answer = desk.post(url, follow=True)
    assert "Safari on iPhone is signed out." in answer.content.decode()
    assert not is_signed_in(phone) and is_signed_in(desk)
    assert desk.post(url).status_code == 404
    entry = AuditEntry.objects.get(kind=AuditKind.SESSION_ENDED)
    assert (entry.person, entry.by, entry.session_label) == (lin, None, row_of(desk).label)
    assert "Safari on iPhone" in entry.reason and entry.network == "192.0.2.1"


def test_all_others_are_ended_and_this_one_stays(lin: User) -> None:
    others, desk = [signed_in(agent=SAFARI) for _ in range(3)], signed_in()
    stranger = signed_in(login=UserFactory.create(username="mo").username)
    assert "3 other sessions are ended." in desk.post("/settings/sessions/end-others/", follow=True).content.decode()
    assert [is_signed_in(browser) for browser in (*others, desk, stranger)] == [False, False, False, True, True]
    assert "There was no other." in desk.post("/settings/sessions/end-others/", follow=True).content.decode()


def test_ending_this_one_is_signing_out(lin: User) -> None:
    desk = signed_in()
    assert desk.post(reverse("session-end", args=[row_of(desk).pk]))["Location"] == LOGIN
    assert not is_signed_in(desk) and not Session.objects.of_people().exists()
    assert AuditEntry.objects.filter(kind=AuditKind.SIGN_OUT, person=lin).count() == 1


def test_nobody_ends_another_person_s(lin: User) -> None:
    desk, mo = signed_in(), UserFactory.create(username="mo")
    other = signed_in(login="mo")
    assert other.post(reverse("session-end", args=[row_of(desk).pk])).status_code == 404
    with pytest.raises(Forbidden, match="manage people"):
        end_session(row_of(desk), by=mo)
    assert is_signed_in(desk)
    assert end_other_sessions(by=mo, origin=RequestOrigin(session_id=row_of(other).pk)) == 0


def test_an_admin_ends_them_in_the_admin_site(lin: User, client_of: Callable[[User], Client]) -> None:
    desk, chief = signed_in(), admin()
    site = client_of(chief)
    person_page = site.get(reverse("admin:accounts_user_change", args=[lin.pk])).content.decode()
    url = reverse("admin:accounts_session_changelist") + f"?user__id__exact={lin.pk}"
    assert f'<a href="{url}">1 session</a>' in person_page
    page = site.get(url).content.decode()
    assert "Firefox on Windows" in page and secret_of(desk) not in page
    assert row_of(desk).label in page, "as the audit log calls it"
    detail = site.get(reverse("admin:accounts_session_change", args=[row_of(desk).pk])).content.decode()
    assert "Firefox on Windows" in detail and secret_of(desk) not in detail
    chosen = {"action": "end", "_selected_action": [row_of(desk).pk]}
    assert site.post(url, chosen).status_code == 302
    assert not is_signed_in(desk)
    entry = AuditEntry.objects.get(kind=AuditKind.SESSION_ENDED)
    assert (entry.person, entry.by) == (lin, chief)


# What ends them besides.


def test_deactivation_ends_them_at_once_and_coming_back_revives_none(lin: User) -> None:
    chief, browsers = admin(), [signed_in(), signed_in(agent=SAFARI)]
    deactivate(lin, by=chief)
    assert not any(is_signed_in(browser) for browser in browsers)
    assert not Session.objects.filter(user=lin).exists()
    reactivate(lin, by=chief)
    assert not any(is_signed_in(browser) for browser in browsers)


def test_a_password_that_an_admin_sets_ends_them(lin: User) -> None:
    browser = signed_in()
    set_password(lin, "another long phrase", by=admin())
    assert not is_signed_in(browser) and not Session.objects.filter(user=lin).exists()


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_beside_a_deactivation_leaves_no_session() -> None:
    person, chief = UserFactory.create(username="lin"), admin()
    start = Barrier(2)

    def sign_in() -> None:
        start.wait(timeout=10)
        try:
            Client().post(LOGIN, {"login": "lin", "password": PASSWORD})
        finally:
            connection.close()

    def close_account() -> None:
        start.wait(timeout=10)
        try:
            deactivate(User.objects.get(pk=person.pk), by=chief)
        finally:
            connection.close()

    for _turn in range(5):
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(sign_in), pool.submit(close_account)]:
                done.result(timeout=20)
        assert not Session.objects.filter(user=person).exists()
        reactivate(User.objects.get(pk=person.pk), by=chief)


def test_those_that_have_ended_are_deleted_in_time(lin: User) -> None:
    kept, ended = signed_in(), signed_in()
    Session.objects.filter(pk=row_of(ended).pk).update(expire_date=timezone.now() - timedelta(seconds=1))
    expire()
    assert list(Session.objects.of_people()) == [row_of(kept)]
    assert Session.objects.ended().count() == 0


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit Chrome/140.0 Safari/537.36", "Chrome on macOS"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130 Mobile Safari", "Samsung Internet on Android"),
        ("curl/8.5.0", "curl"),
        ("", "An unknown browser"),
        ("<script>alert(1)</script>", "An unknown browser"),
    ],
)
def test_browsers_are_told_in_words(user_agent: str, words: str) -> None:
    assert client_words(user_agent) == words
