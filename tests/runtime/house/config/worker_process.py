"""The small project's worker, which writes a pulse as ours do."""

import os
import sys
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_ready

from config.celery import app
from runtime.supervision.worker_activity import WorkerActivity, start_pulse
from runtime.supervision.worker_pulse import pulse_folder, pulse_path

queue, name = sys.argv[1], sys.argv[3]
activity = WorkerActivity(60, 60)


@worker_ready.connect
def listen(**signal: Any) -> None:
    activity.listen()


@task_prerun.connect
def begin(*, task: Any, **signal: Any) -> None:
    activity.begin(task.name)


@task_postrun.connect
def end(**signal: Any) -> None:
    activity.end()


state = Path(__file__).resolve().parents[1] / ".signalbook"
start_pulse(pulse_path(pulse_folder(os.environ, state), name), activity)
app.worker_main(["worker", "--queues", queue, "--hostname", f"{name}@%h", "--without-gossip", "--without-mingle"])
