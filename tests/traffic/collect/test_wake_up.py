"""Wake-ups: few messages for many requests, and none that a request waits for."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from celery import current_app
from celery.worker import state as celery_state
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from catalog.models import Event, WriteKey
from tests.factories.traffic import post_batch, track_call
from tests.live_processes import wait_for
from tracking.traffic.collect import wake_up
from tracking.traffic.collect.wake_up import WakeUpSender, send_wake_up
from tracking.traffic.models import WaitingWakeUp
from tracking.traffic.tasks import check_inbox, drain_inbox


def test_many_wake_ups_are_few_messages_and_the_last_one_is_not_lost() -> None:
    sent: list[str] = []
    sender = WakeUpSender(send=lambda: sent.append("look"))
    for _ in range(1_000):
        sender.request()
    wait_for(lambda: sent, what="a message")
    before = len(sent)
    assert before < 20
    sender.request()
    wait_for(lambda: len(sent) > before, what="the last message")


def test_a_broker_that_hangs_holds_up_nobody() -> None:
    hanging, released = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        released.wait(10)

    sender = WakeUpSender(send=hang)
    sender.request()
    assert hanging.wait(5)
    for _ in range(100):
        sender.request()
    released.set()


def test_a_broker_that_fails_is_tried_again() -> None:
    tries: list[str] = []

    def fail() -> None:
        tries.append("look")
        raise OperationalError("no broker")

    sender = WakeUpSender(send=fail)
    sender.request()
    wait_for(lambda: len(tries) == 1, what="the first try")
    sender.request()
    wait_for(lambda: len(tries) == 2, what="the second try")


@pytest.fixture
def messages(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent, instead of sending it: the broker of the tests keeps nothing. None waits from before."""
    WaitingWakeUp.objects.all().delete()
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: sent.append(name))
    return sent


@pytest.mark.django_db
class TestWaiting:
    """One wake-up waits until the worker that takes it looks."""

    def test_while_one_waits_no_other_is_sent(self, messages: list[str]) -> None:
        for _ in range(5):
            send_wake_up()
        assert messages == ["traffic.check_inbox"]
        check_inbox()
        for _ in range(5):
            send_wake_up()
        assert messages == ["traffic.check_inbox"] * 2

    def test_a_drain_of_the_schedule_does_not_let_another_one_wait(self, messages: list[str]) -> None:
        send_wake_up()
        drain_inbox()
        send_wake_up()
        assert len(messages) == 1

    def test_what_has_expired_waits_no_longer(self, messages: list[str]) -> None:
        send_wake_up()
        WaitingWakeUp.objects.update(at=timezone.now() - timedelta(seconds=wake_up.EXPIRES_SECONDS - 2))
        send_wake_up()
        assert len(messages) == 1
        WaitingWakeUp.objects.update(at=timezone.now() - timedelta(seconds=wake_up.EXPIRES_SECONDS + 2))
        send_wake_up()
        send_wake_up()
        assert len(messages) == 2

    def test_a_worker_that_is_to_stop_stops_after_the_claim_it_is_at(
        self, messages: list[str], monkeypatch: pytest.MonkeyPatch, key: WriteKey, order: Event
    ) -> None:
        monkeypatch.setattr(settings, "INBOX_CLAIM_BATCHES", 1)
        for _ in range(3):
            post_batch(key, track_call())
        monkeypatch.setattr(celery_state, "should_stop", 0)
        assert check_inbox() == 1
        monkeypatch.setattr(celery_state, "should_stop", None)
        assert check_inbox() == 2
