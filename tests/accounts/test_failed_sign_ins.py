"""Failures to sign in are limited by account and by network apart, and whoever must wait is told how long."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.client_network import network_of
from accounts.models import SignInAttempt, User
from accounts.services.sign_in_limits import SignInLocked, begin_attempt, mark_succeeded
from tests.factories.accounts import PASSWORD, UserFactory

LOGIN = "/accounts/login/"
OFFICE, HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def small_limits(settings: Any) -> None:
    """Three failures of an account and six from a network within a quarter of an hour."""
    settings.SIGN_IN_ACCOUNT_FAILURES, settings.SIGN_IN_NETWORK_FAILURES = 3, 6


@pytest.fixture
def lin(db: None) -> User:
    return UserFactory.create(username="lin", email="lin@example.com")


def sign_in(login: str, password: str = "wrong", *, address: str = OFFICE) -> Any:
    cache.clear()  # allauth's own limit of requests, which is another matter
    return Client(REMOTE_ADDR=address).post(LOGIN, {"login": login, "password": password})


def fail(login: str, times: int, *, address: str = OFFICE) -> None:
    for _ in range(times):
        assert sign_in(login, address=address).status_code == 200


def test_an_account_cannot_be_tried_from_everywhere_and_its_person_is_told_when(lin: User) -> None:
    for address in (OFFICE, HOME, ELSEWHERE):
        fail("lin", 1, address=address)
    answer = sign_in("lin", PASSWORD, address="203.0.113.10")
    assert answer.status_code == 429
    assert 890 <= int(answer.headers["Retry-After"]) <= 900
    page = answer.content.decode()
    until = SignInAttempt.objects.earliest("at").at + timedelta(minutes=15)
    assert "Too many attempts to sign in to this account failed." in page
    assert re.search(r"in 15 minutes,\s+from " + f"{until:%H:%M:%S} UTC on", page)


@pytest.mark.parametrize("spelling", ["lin", "LIN", "lin@example.com", "Lin@Example.Com"])
def test_name_and_address_are_one_account(lin: User, spelling: str) -> None:
    fail("lin", 2)
    fail("lin@example.com", 1)
    assert sign_in(spelling, PASSWORD).status_code == 429


def test_an_account_that_nobody_has_is_limited_and_told_alike(lin: User) -> None:
    fail("lin", 3)
    fail("nobody", 3)
    pages = [sign_in(login).content.decode() for login in ("lin", "nobody")]
    messages = [page.split("Too many attempts")[1].split("Try again")[0] for page in pages]
    assert messages[0] == messages[1]


def test_one_person_of_an_office_locks_nobody_else_of_it(lin: User) -> None:
    UserFactory.create(username="mo")
    fail("lin", 3)
    for _ in range(20):
        assert sign_in("lin").status_code == 429  # is not tried, and so counts for nobody
    assert sign_in("mo", PASSWORD).status_code == 302


def test_a_network_cannot_try_one_account_after_the_other(lin: User) -> None:
    for number in range(6):
        fail(f"nobody-{number}", 1)
    answer = sign_in("lin", PASSWORD)
    assert answer.status_code == 429 and "from your network" in answer.content.decode()
    assert sign_in("lin", PASSWORD, address=HOME).status_code == 302


def test_whoever_signed_in_from_there_before_is_locked_out_by_nobody_elsewhere(lin: User) -> None:
    assert sign_in("lin", PASSWORD).status_code == 302
    fail("lin", 3, address=ELSEWHERE)
    assert sign_in("lin", PASSWORD, address=ELSEWHERE).status_code == 429
    for number in range(6):
        fail(f"nobody-{number}", 1)
    assert sign_in("nobody").status_code == 429
    assert sign_in("lin", PASSWORD).status_code == 302
    fail("lin", 3)  # there, too, no more than three
    assert sign_in("lin", PASSWORD).status_code == 429


def test_one_place_where_somebody_works_makes_no_other_one_theirs(lin: User) -> None:
    assert sign_in("lin", PASSWORD).status_code == 302
    for address in (HOME, ELSEWHERE, "203.0.113.10"):
        fail("lin", 1, address=address)
    assert sign_in("lin", PASSWORD, address="203.0.113.11").status_code == 429
    assert sign_in("lin", PASSWORD).status_code == 302


def test_success_takes_no_failure_back(lin: User) -> None:
    fail("lin", 2)
    assert sign_in("lin", PASSWORD, address=HOME).status_code == 302
    fail("lin", 1)
    assert sign_in("lin").status_code == 429


def test_it_ends_when_it_was_said_to(lin: User) -> None:
    noon = timezone.now()
    for minutes in (0, 5, 10):
        begin_attempt("lin", OFFICE, at=noon + timedelta(minutes=minutes))
    with pytest.raises(SignInLocked) as locked:
        begin_attempt("lin", OFFICE, at=noon + timedelta(minutes=11))
    assert locked.value.lock.until == noon + timedelta(minutes=15)
    begin_attempt("lin", OFFICE, at=noon + timedelta(minutes=15))
    with pytest.raises(SignInLocked):
        begin_attempt("lin", OFFICE, at=noon + timedelta(minutes=15))


def test_what_counts_no_more_is_forgotten(lin: User, settings: Any) -> None:
    noon = timezone.now()

    def rows(at: datetime) -> int:
        begin_attempt("somebody", ELSEWHERE, at=at)
        return SignInAttempt.objects.count()

    for _ in range(2):
        mark_succeeded(begin_attempt("lin", HOME, at=noon))
    begin_attempt("lin", OFFICE, at=noon)
    assert rows(noon) == 3, "one success of an account and network is enough"
    assert rows(noon + timedelta(minutes=16)) == 2
    assert rows(noon + timedelta(days=31)) == 1


@pytest.mark.django_db(transaction=True)
def test_attempts_at_once_do_not_all_pass() -> None:
    passed: list[int] = []
    barrier = threading.Barrier(8)

    def attempt(number: int) -> None:
        barrier.wait()
        try:
            begin_attempt("nobody", f"192.0.2.{number}")
            passed.append(number)
        except SignInLocked:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("64:ff9b::c000:208", "192.0.2.8"),
        ("64:ff9b:1::c000:208", "64:ff9b:1::/64"),
        ("2002:c000:207:1::1", "192.0.2.7"),
        ("2002:c000:207:ffff::1", "192.0.2.7"),
    ],
)
def test_a_network_is_one_address_or_the_half_of_one(address: str, network: str) -> None:
    assert network_of(address) == network


def test_nothing_of_account_or_address_is_kept_in_clear(lin: User) -> None:
    fail("lin", 1)
    kept = " ".join(str(value) for value in SignInAttempt.objects.values_list("account_hash", "network_hash").get())
    assert "lin" not in kept and OFFICE not in kept
    assert re.fullmatch(r"[0-9a-f]{64} [0-9a-f]{64}", kept)
