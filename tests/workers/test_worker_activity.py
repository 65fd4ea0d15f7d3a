"""What a worker says it is at, and how whoever reads its pulse judges it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from runtime.supervision.worker_activity import WorkerActivity
from runtime.supervision.worker_health import (
    SILENT_SECONDS,
    START_SECONDS,
    WorkerHealth,
    describe_health,
    silent_seconds,
)
from runtime.supervision.worker_pulse import WorkerPulse, WorkerState, pulse_path, read_pulse


@dataclass
class Clock:
    """A clock that goes on when it is told to."""

    time: float = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("runtime.supervision.worker_health.time.monotonic", clock)
    return clock


@pytest.fixture
def activity(clock: Clock) -> WorkerActivity:
    return WorkerActivity(task_seconds=120, deaf_seconds=30, clock=clock)


class TestActivity:
    def test_it_starts_works_and_idles(self, activity: WorkerActivity, clock: Clock) -> None:
        assert activity.now().state is WorkerState.STARTING
        activity.listen()
        assert activity.now().state is WorkerState.IDLE
        activity.begin("traffic.check_inbox")
        clock.time += 119
        now = activity.now()
        assert (now.state, now.seconds, now.task) == (WorkerState.BUSY, 119, "traffic.check_inbox")
        activity.end()
        assert activity.now().state is WorkerState.IDLE

    def test_a_task_past_its_bound_hangs(self, activity: WorkerActivity, clock: Clock) -> None:
        activity.listen()
        activity.begin("traffic.check_inbox")
        clock.time += 121
        assert activity.now().state is WorkerState.HUNG

    def test_the_next_task_has_the_whole_time(self, activity: WorkerActivity, clock: Clock) -> None:
        activity.listen()
        for _ in range(3):
            activity.begin("traffic.check_inbox")
            clock.time += 100
            assert activity.now().state is WorkerState.BUSY
            activity.end()

    def test_a_message_to_itself_that_does_not_come_shows_that_it_is_deaf(
        self, activity: WorkerActivity, clock: Clock
    ) -> None:
        activity.listen()
        activity.asked()
        clock.time += 20
        activity.asked()  # asking again does not begin anew
        assert activity.now().state is WorkerState.IDLE
        clock.time += 11
        assert activity.now().state is WorkerState.DEAF
        activity.begin("worker.echo")
        activity.end()
        assert activity.now().state is WorkerState.IDLE

    def test_without_a_message_silence_says_nothing(self, activity: WorkerActivity, clock: Clock) -> None:
        activity.listen()
        clock.time += 10_000  # the broker takes no message: there is none to hear
        assert activity.now().state is WorkerState.IDLE

    def test_what_was_sent_before_a_task_is_not_waited_for_afterwards(
        self, activity: WorkerActivity, clock: Clock
    ) -> None:
        activity.listen()
        activity.asked()
        activity.begin("requests.run_import")
        clock.time += 100
        activity.asked()  # the task began between the look and the message
        activity.end()
        assert activity.now().state is WorkerState.IDLE


class TestHealth:
    """The supervisor asks four times a second."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return pulse_path(tmp_path, "check-1")

    @pytest.fixture
    def health(self, path: Path) -> WorkerHealth:
        return WorkerHealth(path)

    @staticmethod
    def ask(health: WorkerHealth, clock: Clock, seconds: float, *, started_at: float = 1_000.0) -> str:
        """Ask for so many seconds, and return the last answer."""
        answer = health.find_fault(7, started_at)
        for _ in range(int(seconds)):
            clock.time += 1
            answer = health.find_fault(7, started_at)
        return answer

    def test_silence_is_a_fault(self, health: WorkerHealth, clock: Clock, path: Path) -> None:
        WorkerPulse(7, clock.time, WorkerState.BUSY, 3, "traffic.check_inbox").write(path)
        assert self.ask(health, clock, SILENT_SECONDS - 1) == ""
        assert "silent" in self.ask(health, clock, 3)

    def test_how_long_it_may_last_can_be_set(self, clock: Clock, path: Path) -> None:
        WorkerPulse(7, clock.time, WorkerState.IDLE, 3).write(path)
        health = WorkerHealth(path, silent_seconds=silent_seconds({"WORKER_SILENT_SECONDS": "40"}))
        assert self.ask(health, clock, 39) == ""
        assert "silent" in self.ask(health, clock, 3)

    @pytest.mark.parametrize("text", ["", "0", "-3", "soon", "1e9"])
    def test_a_text_that_is_no_number_of_seconds_leaves_it_as_it_is(self, text: str) -> None:
        assert silent_seconds({"WORKER_SILENT_SECONDS": text}) == silent_seconds({}) == SILENT_SECONDS == 15

    def test_whoever_was_held_up_itself_waits_anew(self, health: WorkerHealth, clock: Clock, path: Path) -> None:
        WorkerPulse(7, clock.time, WorkerState.IDLE, 3).write(path)
        assert self.ask(health, clock, 2) == ""
        clock.time += 3_600  # the machine slept
        assert self.ask(health, clock, SILENT_SECONDS - 1) == ""
        assert "silent" in self.ask(health, clock, 3)

    @pytest.mark.parametrize("state", [WorkerState.DEAF, WorkerState.HUNG])
    def test_what_only_another_process_helps_is_a_fault(
        self, health: WorkerHealth, clock: Clock, path: Path, state: WorkerState
    ) -> None:
        WorkerPulse(7, clock.time, state, 140, "traffic.check_inbox").write(path)
        assert "140 s" in self.ask(health, clock, 1)

    @pytest.mark.parametrize("state", [WorkerState.STARTING, WorkerState.IDLE, WorkerState.BUSY])
    def test_all_else_is_none(self, health: WorkerHealth, clock: Clock, path: Path, state: WorkerState) -> None:
        WorkerPulse(7, clock.time, state, 10_000, "").write(path)
        assert self.ask(health, clock, 1) == ""

    def test_the_pulse_of_the_one_before_says_nothing(self, health: WorkerHealth, clock: Clock, path: Path) -> None:
        WorkerPulse(6, clock.time - 900, WorkerState.HUNG, 900, "traffic.check_inbox").write(path)
        assert self.ask(health, clock, START_SECONDS - 1) == ""
        assert "has not begun" in self.ask(health, clock, 3)

    def test_a_damaged_pulse_is_none(self, health: WorkerHealth, clock: Clock, path: Path) -> None:
        path.write_text('{"pid": 7')
        assert read_pulse(path) is None
        assert self.ask(health, clock, 1) == ""


def test_the_health_command_says_who_is_not_well(tmp_path: Path) -> None:
    path = pulse_path(tmp_path, "check-1")
    assert describe_health(path)[0] is False
    now = time.monotonic()
    WorkerPulse(os.getpid(), now, WorkerState.BUSY, 3, "traffic.check_inbox").write(path)
    assert describe_health(path) == (True, f"check-1: process {os.getpid()} is busy at traffic.check_inbox for 3 s")
    for pulse in (
        WorkerPulse(os.getpid(), now - 60, WorkerState.IDLE, 3),
        WorkerPulse(os.getpid(), now + 60, WorkerState.IDLE, 3),  # of before the machine was started
        WorkerPulse(os.getpid(), now, WorkerState.DEAF, 40),
        WorkerPulse(2**22 + 1, now, WorkerState.IDLE, 3),
    ):
        pulse.write(path)
        assert describe_health(path)[0] is False, pulse
    WorkerPulse(os.getpid(), now - 60, WorkerState.IDLE, 3).write(path)
    assert describe_health(path, silent_seconds=90)[0] is True
