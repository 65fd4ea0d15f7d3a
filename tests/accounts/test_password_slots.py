"""Looking at passwords takes a processor: few are looked at at once, and strangers leave a place to those at home."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import SignInAttempt, User
from accounts.services.password_slots import PasswordsBusy, PasswordSlots, password_slots
from tests.factories.accounts import PASSWORD, UserFactory

LOGIN = "/accounts/login/"
OFFICE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture(autouse=True)
def wait_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_slots, "wait_seconds", 0.05)


@pytest.fixture
def lin(db: None) -> User:
    return UserFactory.create(username="lin")


def sign_in(address: str, password: str = PASSWORD) -> tuple[int, str]:
    cache.clear()
    answer = Client(REMOTE_ADDR=address).post(LOGIN, {"login": "lin", "password": password})
    return answer.status_code, answer.headers.get("Retry-After", "")


def take(stack: ExitStack, slots: PasswordSlots, *is_known: bool) -> None:
    for each in is_known:
        stack.enter_context(slots.place(is_known=each))


@pytest.mark.parametrize(
    ("taken", "is_known", "is_free"),
    [
        ((), False, True),
        ((False,), False, False),
        ((False,), True, True),
        ((True,), False, True),
        ((True, True), True, False),
        ((True, True), False, False),
        ((False, True), True, False),
    ],
)
def test_strangers_leave_a_place(taken: tuple[bool, ...], is_known: bool, is_free: bool) -> None:
    slots = PasswordSlots(wait_seconds=0.05)
    with ExitStack() as stack:
        take(stack, slots, *taken)
        if is_free:
            take(stack, slots, is_known)
        else:
            with pytest.raises(PasswordsBusy):
                take(stack, slots, is_known)
    assert (slots.taken, slots.taken_by_strangers) == (0, 0)


def test_one_waits_for_a_place_and_the_next_is_told_at_once() -> None:
    slots = PasswordSlots(wait_seconds=20)
    with ThreadPoolExecutor(1) as pool:
        with slots.place(is_known=False):
            second = pool.submit(take_and_give_back, slots)
            while not slots.waiting:
                time.sleep(0.01)
            began = time.monotonic()
            with pytest.raises(PasswordsBusy), slots.place(is_known=False):
                pass
            assert time.monotonic() - began < 5
            with slots.place(is_known=True):
                assert not second.done()
        assert second.result(timeout=20)
    assert (slots.taken, slots.taken_by_strangers, slots.waiting) == (0, 0, 0)


def take_and_give_back(slots: PasswordSlots) -> bool:
    with slots.place(is_known=False):
        return True


def test_a_stranger_is_told_to_come_again_and_has_tried_nothing(lin: User) -> None:
    with password_slots.place(is_known=False):
        for password in ("wrong", PASSWORD):
            assert sign_in(OFFICE, password) == (503, "2")
    assert not SignInAttempt.objects.exists()
    assert sign_in(OFFICE) == (302, "")


def test_who_signed_in_from_there_before_has_a_place(lin: User) -> None:
    assert sign_in(OFFICE) == (302, "")
    with password_slots.place(is_known=False):
        assert sign_in(OFFICE) == (302, "")
        assert sign_in(ELSEWHERE) == (503, "2")


def test_a_place_is_given_back_whatever_happens(lin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("a backend failed")

    for password in ("wrong", PASSWORD):
        sign_in(OFFICE, password)
    monkeypatch.setattr("allauth.account.adapter.authenticate", fail)
    with pytest.raises(RuntimeError):
        sign_in(OFFICE)
    assert (password_slots.taken, password_slots.taken_by_strangers) == (0, 0)
