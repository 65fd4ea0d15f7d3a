"""The small project's schedule, with a pulse as ours has."""

import os
from pathlib import Path

from celery.beat import Scheduler

from config.celery import app
from runtime.supervision.worker_activity import WorkerActivity, start_pulse
from runtime.supervision.worker_pulse import pulse_folder, pulse_path

activity = WorkerActivity(60, 60)
activity.listen()
state = Path(__file__).resolve().parents[1] / ".signalbook"
start_pulse(pulse_path(pulse_folder(os.environ, state), "beat"), activity)
app.Beat(scheduler=Scheduler, loglevel="WARNING").run()
