"""Every task has its queue, and every message of the schedule goes to a task that there is."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from django.conf import settings

from config.task_queues import QUEUE_OF_TASK, TaskQueue, broker_queue
from tracking.traffic.collect.worker_beats import QUEUES


def tasks_of_ours() -> set[str]:
    current_app.loader.import_default_modules()
    return {name for name in current_app.tasks if not name.startswith("celery.")}


def test_every_task_has_a_queue() -> None:
    assert tasks_of_ours() == set(QUEUE_OF_TASK), "name each task in config/task_queues.py, and none that is not there"


def test_the_schedule_names_tasks_that_there_are() -> None:
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(QUEUE_OF_TASK)


def test_readiness_asks_for_every_queue() -> None:
    assert set(QUEUES) == set(TaskQueue) == set(settings.WORKER_TASK_SECONDS)


@pytest.mark.parametrize("task", sorted(QUEUE_OF_TASK))
def test_a_task_is_sent_to_its_queue(task: str) -> None:
    route: dict[str, Any] = current_app.amqp.router.route({}, task)
    assert route["queue"].name == broker_queue(settings.BROKER_QUEUE, QUEUE_OF_TASK[task])


def test_a_message_of_the_schedule_ends_when_the_next_one_is_due() -> None:
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    for name, entry in schedule.items():
        assert 0 < entry["options"]["expires"] <= entry["schedule"].total_seconds(), name
