"""The base of all tasks: what is logged where one fails because the database did."""

import logging
from typing import Any

from celery import Task
from django.db import InterfaceError, OperationalError

from database.outages import is_database_outage
from tracking.traffic.check.error_location import error_location

logger = logging.getLogger(__name__)


class LoggedTask(Task):
    """A task whose failure is told by Celery, with its traceback; that the database is away by us, in one line.

    While it is away every task fails, several times a second, and none is at fault: the next message finds the work.
    """

    throws = (OperationalError, InterfaceError)
    """What Celery leaves to us."""

    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Tell of a failure that is left to us: with its traceback where the task asked for what was too much."""
        if isinstance(exc, self.throws):
            cause = None if is_database_outage(exc) else exc
            logger.error("the database failed a task: %s, %s", self.name, error_location(exc), exc_info=cause)
