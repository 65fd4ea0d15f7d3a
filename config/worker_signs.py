"""How a worker process shows that it lives, while it is idle and while it is busy.

Three threads: one writes the pulse to a file and touches nothing that could hold it up (the supervisor reads it), one
sends a message to this very process, which its main thread must take, and one writes to the database (`/readyz` reads
that, on whatever machine it is asked).
"""

import os
import re
import socket
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_ready
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from kombu.exceptions import KombuError

from config.task_queues import ECHO_TASK, TaskQueue, broker_queue, echo_queue
from database.thread_connections import close_unusable_connections
from database.wait_limits import limit_database_waits
from runtime.supervision.worker_activity import WorkerActivity, repeat_in_thread, start_pulse
from runtime.supervision.worker_pulse import WorkerState, pulse_folder, pulse_path
from tracking.traffic.collect.worker_beats import record_worker_beat

BEAT_SECONDS = 2.0
BEAT_DATABASE_SECONDS = 2.0
ECHO_SECONDS = 4.0
ECHO_EXPIRES_SECONDS = 60


class WorkerSigns:
    """The signs of life of one worker process, which takes the tasks of `queue`; `name` is unique on its machine."""

    def __init__(self, celery: Celery, queue: TaskQueue, name: str) -> None:
        self.celery = celery
        self.queue = queue
        self.name = re.sub(r"[^A-Za-z0-9-]", "-", name)[:60]
        host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:100]
        self.beat_name = f"{host}/{self.name}"
        self.echo_queue = echo_queue(settings.BROKER_QUEUE, f"{host}-{self.name}")
        self.activity = WorkerActivity(settings.WORKER_TASK_SECONDS[queue], settings.WORKER_DEAF_SECONDS)

    @property
    def queue_names(self) -> tuple[str, str]:
        """The names of the queues that the worker listens to."""
        return broker_queue(settings.BROKER_QUEUE, self.queue), self.echo_queue.name

    def start(self) -> None:
        """Write the first pulse, and let the others begin once Celery listens. Raises OSError where none can be."""
        self.celery.conf.task_queues = [*self.celery.conf.task_queues, self.echo_queue]
        self.celery.task(name=ECHO_TASK, ignore_result=True)(_hear)
        # Celery keeps no hard reference of its own to a bound method that it is given weakly.
        task_prerun.connect(self._begin, weak=False)
        task_postrun.connect(self._end, weak=False)
        worker_ready.connect(self._listen, weak=False)
        start_pulse(pulse_path(pulse_folder(os.environ, settings.STATE_DIR), self.name), self.activity)

    def _listen(self, **_signal: Any) -> None:
        self.activity.listen()
        repeat_in_thread("beat", BEAT_SECONDS, self._write_beat, expected=(DatabaseError, InterfaceError))
        repeat_in_thread("echo", ECHO_SECONDS, self._send_echo, expected=(KombuError, OSError))

    def _begin(self, *, task: Any, **_signal: Any) -> None:
        self.activity.begin(task.name)

    def _end(self, **_signal: Any) -> None:
        self.activity.end()

    def _write_beat(self) -> None:
        now = self.activity.now()
        close_unusable_connections()
        with limit_database_waits(BEAT_DATABASE_SECONDS):
            record_worker_beat(self.beat_name, self.queue, now.state, now.task)

    def _send_echo(self) -> None:
        if self.activity.now().state in (WorkerState.IDLE, WorkerState.DEAF):
            self.celery.send_task(ECHO_TASK, queue=self.echo_queue, expires=ECHO_EXPIRES_SECONDS, retry=False)
            self.activity.asked()


def _hear() -> None:
    """Do nothing: that the main thread has taken the message is all that it was for."""
