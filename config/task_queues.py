"""Which queue each task belongs to: the one table. Each queue has worker processes of its own.

So neither a full inbox nor a long import stops what must happen every few seconds.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from kombu.entity import Exchange, Queue


class TaskQueue(StrEnum):
    """A queue, and so a kind of worker."""

    CHECK = "check"  # what arrives
    PERIODIC = "periodic"  # short work that comes again and again
    JOBS = "jobs"  # long work that a person asked for


QUEUE_OF_TASK = {
    "accounts.expire": TaskQueue.PERIODIC,
    "profiling.expire": TaskQueue.PERIODIC,
    "profiling.fold": TaskQueue.PERIODIC,
    "traffic.check_inbox": TaskQueue.CHECK,
    "traffic.drain_inbox": TaskQueue.CHECK,
    "traffic.expire": TaskQueue.PERIODIC,
    "traffic.fold_rollups": TaskQueue.PERIODIC,
    "traffic.schedule_beat": TaskQueue.PERIODIC,
    "requests.advance_deliveries": TaskQueue.PERIODIC,
    "requests.fail_abandoned_imports": TaskQueue.PERIODIC,
    "requests.run_import": TaskQueue.JOBS,
}

ECHO_TASK = "worker.echo"
"""The one task that is in no queue of the table: a worker sends it to itself, by a queue of its own."""

ECHO_QUEUE_EXPIRES = 600.0


def broker_queue(base: str, queue: TaskQueue) -> str:
    """Return the name of a queue in the broker; `base` keeps installations apart that share one."""
    return f"{base}-{queue}"


def declared_queues(base: str) -> list[Queue]:
    """Return the three queues as the broker is told of them."""
    return [_direct_queue(broker_queue(base, queue)) for queue in TaskQueue]


def task_routes(base: str) -> Mapping[str, Mapping[str, Any]]:
    """Return where each task is sent, as Celery's `task_routes` takes it."""
    return {task: {"queue": broker_queue(base, queue)} for task, queue in QUEUE_OF_TASK.items()}


def echo_queue(base: str, worker: str) -> Queue:
    """Return the queue of one worker alone, which RabbitMQ forgets once no such worker has used it for ten minutes."""
    return _direct_queue(f"{base}-echo-{worker}", expires=ECHO_QUEUE_EXPIRES)


def _direct_queue(name: str, **options: Any) -> Queue:
    return Queue(name, Exchange(name, type="direct"), routing_key=name, **options)
