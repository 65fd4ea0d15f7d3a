"""The memory of a worker: a batch that takes too much of it is tried alone, and the worker is replaced.

Three look at it. The check, between its steps: it gives its batches back, to be tried one by one. The task, between
two sets: it lets the worker end, whose supervisor starts the next one. And the supervisor, for what takes so much
within one step that neither comes to it: it kills the worker, whose lease then ends.
"""

import gc
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from celery import current_task
from django.conf import settings

from runtime.supervision.process_memory import resident_bytes

log = structlog.get_logger(__name__)

REPLACED_PAST = 0.5
"""The part of the limit past which a worker is replaced between two sets, so that a set has the rest to itself."""


class WorkerMemoryExceeded(Exception):
    """A check whose worker holds more memory than it may."""


class WorkerMemory:
    """What this process holds, and whether it ever held more than `WORKER_MAX_MEMORY`."""

    def __init__(self) -> None:
        self.has_exceeded = False

    def require(self) -> None:
        """Raise WorkerMemoryExceeded where this process holds more than it may."""
        if resident_bytes() > settings.WORKER_MAX_MEMORY:
            self.has_exceeded = True
            raise WorkerMemoryExceeded

    def must_be_replaced(self) -> bool:
        """Tell whether another process must go on, and ask this one to end where it is a worker.

        A worker that is asked finishes its task, and takes no other.
        """
        held = resident_bytes()
        if not self.has_exceeded and held <= settings.WORKER_MAX_MEMORY * REPLACED_PAST:
            return False
        log.warning("a worker has taken much memory and is replaced", megabytes=held // 2**20)
        if current_task and not current_task.request.called_directly:
            os.kill(os.getpid(), signal.SIGTERM)
        return True


@contextmanager
def garbage_collected_afterwards() -> Iterator[None]:
    """Let no garbage be looked for inside the block, but after it.

    A check makes some ten objects an event that live until its end: the collector would go through all of them again
    and again, and find nothing. What refers to itself stays until the end of the block, within the bound on memory.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        gc.collect(1)  # the young ones: what was there before the block is looked through as often as ever


worker_memory = WorkerMemory()
"""That of this process."""
