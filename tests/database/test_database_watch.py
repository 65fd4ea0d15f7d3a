"""Whether the database answers, as the watch tells it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from database import database_watch
from database.base import DatabaseWrapper
from database.database_watch import DatabaseWatch
from tests.database.frozen_server import FreezableServer
from tests.live_processes import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def watch(wrapper: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseWatch]:
    """A watch on the server that can be frozen."""
    wrapper.inc_thread_sharing()
    monkeypatch.setattr(database_watch, "connection", wrapper)
    watching = DatabaseWatch(interval_seconds=0.1, answer_seconds=0.3, silence_seconds=1.5)
    watching.start()
    yield watching
    watching.stop()
    assert watching._thread is not None
    watching._thread.join(5)
    assert not watching._thread.is_alive()


def test_silence_is_told_within_its_time_and_so_is_its_end(watch: DatabaseWatch, freezable: FreezableServer) -> None:
    began = watch.answered_at
    wait_for(lambda: watch.answered_at > began, what="an answer")
    assert not watch.is_silent()
    with freezable.frozen():
        frozen_at = time.monotonic()
        wait_for(watch.is_silent, what="the silence")
        assert time.monotonic() - frozen_at < 3
    wait_for(lambda: not watch.is_silent(), what="the end of the silence")


def test_nothing_is_said_while_nothing_is_asked() -> None:
    watching = DatabaseWatch(silence_seconds=0.0)
    assert watching.ask()
    time.sleep(0.05)
    assert not watching.is_silent()


WATCHER = """
import sys, time
import django
django.setup()
from database.database_watch import DatabaseWatch

watch = DatabaseWatch(interval_seconds=0.1, answer_seconds=30)
watch.start()
began = watch.answered_at
while watch.answered_at == began:
    time.sleep(0.01)
print("asks", flush=True)
while not watch._is_waiting or watch._waited_seconds < 0.3:
    time.sleep(0.001)
print("waits", flush=True)
while watch._is_waiting and not watch.is_silent():
    pass
print("silent" if watch.is_silent() else "answered", flush=True)
"""


@pytest.mark.parametrize("is_held_up", [True, False])
def test_a_process_that_stood_still_does_not_blame_the_database(freezable: FreezableServer, is_held_up: bool) -> None:
    environment = {**os.environ, "DATABASE_URL": freezable.url, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
    with subprocess.Popen([sys.executable, "-c", WATCHER], stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "asks\n"
            with freezable.frozen():
                assert child.stdout.readline() == "waits\n"
                if is_held_up:
                    child.send_signal(signal.SIGSTOP)
                time.sleep(3)
            child.send_signal(signal.SIGCONT)
            assert child.stdout.readline() == ("answered\n" if is_held_up else "silent\n")
        finally:
            child.kill()
