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
    """Whether the database answers, told by a thread of its own. `is_silent` never waits.

    It is silent when a question, and those after it, have had no answer for `silence_seconds`. Until the first
    question it counts as answering, and so it does while nothing is asked: a process that was held up between two
    questions says nothing of the database.
    """

    interval_seconds: float = 1.0
    answer_seconds: float = 1.0
    silence_seconds: float = 1.5
    answered_at: float = field(default_factory=time.monotonic)
    _unanswered_since: float | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def is_silent(self) -> bool:
        since = self._unanswered_since
        return since is not None and time.monotonic() - since > self.silence_seconds

    def start(self) -> None:
        self._unanswered_since = None
        self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more. A question that is under way ends by its own limit."""
        self._stopped.set()

    def ask(self) -> bool:
        """Ask once, by this thread's connection, and return whether an answer came in time."""
        if self._unanswered_since is None:
            self._unanswered_since = time.monotonic()
        try:
            limit = limit_database_waits(self.answer_seconds, should_give_up=self._stopped.is_set)
            with limit, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            connection.close()
            return False
        self._unanswered_since = None
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
