"""Wake-up messages: they make a worker look into the inbox. At most one waits; losing one costs two seconds at most.

A row in the database says that one waits. Whoever writes it sends the message; the worker that takes the message
deletes the row before it looks, so what is stored later asks for another one. Where the message is lost, the drains of
the schedule find what waits, until the message would have expired and another one is sent.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from celery import current_app
from django.db import DatabaseError, InterfaceError, connection
from kombu.exceptions import OperationalError

from database.thread_connections import close_unusable_connections
from database.wait_limits import limit_database_waits
from tracking.traffic.models import WaitingWakeUp

log = structlog.get_logger(__name__)

MIN_INTERVAL_SECONDS = 0.05
EXPIRES_SECONDS = 30
LOG_EVERY_SECONDS = 60
DATABASE_SECONDS = 2.0

_CLAIM = """
    INSERT INTO traffic_waitingwakeup AS waiting (id, at) VALUES (1, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE waiting.at < excluded.at - make_interval(secs => %s)
"""


def send_wake_up() -> None:
    """Send one message, unless one waits already.

    Raises kombu's OperationalError or OSError where the broker does not answer, and what the database does where it
    does not. To be called by a thread that has no transaction.
    """
    close_unusable_connections()
    with limit_database_waits(DATABASE_SECONDS), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [EXPIRES_SECONDS])
        if not cursor.rowcount:
            return
    current_app.send_task("traffic.check_inbox", expires=EXPIRES_SECONDS, ignore_result=True, retry=False)


def forget_wake_up() -> None:
    """Let the next wake-up be sent. To be called by the worker that has taken the last one, before it looks."""
    WaitingWakeUp.objects.all().delete()


@dataclass(slots=True)
class WakeUpSender:
    """Sends wake-ups from a thread of its own: at most one in 50 ms, however many are requested.

    So no request waits for the broker, and none fails with it: what a wake-up would have started, the next beat starts.
    The thread starts with the first wake-up, after the server has forked its workers.
    """

    send: Callable[[], None] = send_wake_up
    requested: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    thread: threading.Thread | None = None
    last_warned_at: float = float("-inf")

    def request(self) -> None:
        """Request a wake-up and return at once."""
        if self.thread is None or not self.thread.is_alive():
            with self.lock:
                if self.thread is None or not self.thread.is_alive():
                    self.thread = threading.Thread(target=self._run, name="inbox-wake-up", daemon=True)
                    self.thread.start()
        self.requested.set()

    def _run(self) -> None:
        while True:
            self.requested.wait()
            self.requested.clear()
            try:
                self.send()
            except (OperationalError, OSError, DatabaseError, InterfaceError) as error:
                self._warn(error)
            time.sleep(MIN_INTERVAL_SECONDS)

    def _warn(self, error: Exception) -> None:
        if time.monotonic() - self.last_warned_at > LOG_EVERY_SECONDS:
            self.last_warned_at = time.monotonic()
            log.warning("a wake-up could not be sent; the next beat will find what waits", error=type(error).__name__)


wake_up_sender = WakeUpSender()
