"""Asks the database once a second whether it answers, so that nobody else has to wait to find out."""

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection

from database.wait_limits import limit_database_waits

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class DatabaseWatch:
    """Whether the database answered lately, told by a thread of its own. `is_silent` never waits.

    It is silent when it answered none of the questions of `silence_seconds`: one lost question is no silence. Until
    the first question it counts as answering.
    """

    interval_seconds: float = 1.0
    answer_seconds: float = 1.0
    silence_seconds: float = 2.5
    answered_at: float = field(default_factory=time.monotonic)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def is_silent(self) -> bool:
        return time.monotonic() - self.answered_at > self.silence_seconds

    def start(self) -> None:
        self.answered_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more. A question that is under way ends by its own limit."""
        self._stopped.set()

    def ask(self) -> bool:
        """Ask once, by this thread's connection, and return whether an answer came in time."""
        try:
            limit = limit_database_waits(self.answer_seconds, should_give_up=self._stopped.is_set)
            with limit, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            connection.close()
            return False
        self.answered_at = time.monotonic()
        return True

    def _run(self) -> None:
        was_silent = False
        while not self._stopped.wait(self.interval_seconds):
            self.ask()
            if self.is_silent() != was_silent:
                was_silent = not was_silent
                logger.warning("The database %s.", "does not answer" if was_silent else "answers again")
        connection.close()
