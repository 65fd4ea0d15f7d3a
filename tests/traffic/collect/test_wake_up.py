"""Wake-ups: few messages for many requests, and none that a request waits for."""

from __future__ import annotations

import threading

from kombu.exceptions import OperationalError

from tests.live_processes import wait_for
from tracking.traffic.collect.wake_up import WakeUpSender


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
