"""`python -m config.beat_process`: sends the messages of the schedule. Exactly one runs, supervised like a worker."""

import logging
import os
from typing import Any

from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from django.conf import settings

from config.celery import app
from runtime.supervision.worker_activity import WorkerActivity, start_pulse
from runtime.supervision.worker_pulse import pulse_folder, pulse_path

logger = logging.getLogger(__name__)

NAME = "beat"
TICK_SECONDS = 60.0
"""How long it may take to send what is due; a broker that is away makes it wait."""


class WatchedScheduler(Scheduler):
    """Keeps the schedule in memory, since all of it is due within minutes of a start; a pulse tells that it goes on."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.activity = WorkerActivity(TICK_SECONDS, TICK_SECONDS)
        self.activity.listen()
        start_pulse(pulse_path(pulse_folder(os.environ, settings.STATE_DIR), NAME), self.activity)
        super().__init__(*arguments, **options)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send what is due. Where the broker takes no message one line says so: the next time comes in seconds."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            logger.error("nothing could be sent: %s", error)

    def tick(self, *arguments: Any, **options: Any) -> Any:
        self.activity.begin("the schedule")
        try:
            return super().tick(*arguments, **options)
        finally:
            self.activity.end()


if __name__ == "__main__":
    app.Beat(scheduler=WatchedScheduler, loglevel="WARNING", quiet=True).run()
