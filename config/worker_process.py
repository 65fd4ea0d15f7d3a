"""`python -m config.worker_process check`: one worker process. It takes the tasks of one queue, one at a time.

Celery's pool is `solo`: the process that takes a message runs its task. A pool of children shares a lock, and one that
is killed while it holds the lock leaves a worker that takes nothing for good. Whoever wants more of them starts more.
"""

import argparse
import os
import sys
from collections.abc import Sequence

import django
from celery.signals import worker_ready

from config.celery import app
from config.startup_objects import freeze_startup_objects
from config.task_queues import TaskQueue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
django.setup()

from config.worker_signs import WorkerSigns  # noqa: E402  what it imports needs Django set up


def main(arguments: Sequence[str]) -> None:
    """Run a worker until somebody asks it to stop."""
    parser = argparse.ArgumentParser(prog="python -m config.worker_process", description="Runs one worker process.")
    parser.add_argument("queue", choices=list(TaskQueue), help="whose tasks it takes")
    parser.add_argument("--name", help="its name among those of this machine; without it, that of the queue with -1")
    chosen = parser.parse_args(arguments)
    signs = WorkerSigns(app, TaskQueue(chosen.queue), chosen.name or f"{chosen.queue}-1")
    signs.start()
    worker_ready.connect(freeze_startup_objects, weak=False)
    app.worker_main(
        [
            *("worker", "--pool", "solo", "--concurrency", "1", "--without-gossip", "--without-mingle"),
            *("--queues", ",".join(signs.queue_names), "--hostname", f"{signs.name}@%h", "--loglevel", "WARNING"),
        ]
    )


if __name__ == "__main__":
    main(sys.argv[1:])
