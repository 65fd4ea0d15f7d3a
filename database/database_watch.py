"""Asks the database once a second whether it answers, so that nobody else has to wait to find out."""

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection

from database.wait_limits import limit_database_waits

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.1
"""How often the waits are counted."""

LONGEST_TICK_SECONDS = 0.3
"""What counts of the time between two ticks: where more passed, it was this process that stood still."""


@dataclass(slots=True)
class DatabaseWatch:
    """Whether the database answers, told by two threads: one asks, one counts how long. `is_silent` never waits.

    It is silent when a question, and those after it, have had no answer for `silence_seconds`. Until the first
    question it counts as answering. A process that was held up, between two questions or while one is under way, says
    nothing of the database: only what passes while the counting thread goes on counts.
    """

    interval_seconds: float = 1.0
    answer_seconds: float = 1.0
    silence_seconds: float = 1.5
    answered_at: float = field(default_factory=time.monotonic)
    _is_waiting: bool = False
    _waited_seconds: float = 0.0
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def is_silent(self) -> bool:
        return self._waited_seconds > self.silence_seconds

    def start(self) -> None:
        self._note_answer()
        self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)
        self._thread.start()
        threading.Thread(target=self._count_waits, name="database-waits", daemon=True).start()

    def stop(self) -> None:
        """Ask no more. A question that is under way ends by its own limit."""
        self._stopped.set()

    def ask(self) -> bool:
        """Ask once, by this thread's connection, and return whether an answer came in time."""
        self._is_waiting = True
        try:
            limit = limit_database_waits(self.answer_seconds, should_give_up=self._stopped.is_set)
            with limit, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            connection.close()
            return False
        self._note_answer()
        return True

    def _note_answer(self) -> None:
        self._is_waiting = False
        self._waited_seconds = 0.0
        self.answered_at = time.monotonic()

    def _count_waits(self) -> None:
        ticked_at = time.monotonic()
        while not self._stopped.wait(TICK_SECONDS):
            now = time.monotonic()
            if self._is_waiting:
                self._waited_seconds += min(now - ticked_at, LONGEST_TICK_SECONDS)
            else:
                self._waited_seconds = 0.0  # an answer may have come between the two lines above
            ticked_at = now

    def _run(self) -> None:
        was_silent = False
        while not self._stopped.wait(self.interval_seconds):
            self.ask()
            if self.is_silent() != was_silent:
                was_silent = not was_silent
                logger.warning("The database %s.", "does not answer" if was_silent else "answers again")
        connection.close()
