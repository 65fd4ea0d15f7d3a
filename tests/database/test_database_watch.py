"""Whether the database answers, as the watch tells it."""

from __future__ import annotations

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
