"""Wake-up messages: they make a worker look into the inbox. Losing one costs two seconds at most."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

MIN_INTERVAL_SECONDS = 0.05
EXPIRES_SECONDS = 30
LOG_EVERY_SECONDS = 60


def send_wake_up() -> None:
    """Send one message. Raises kombu's OperationalError or OSError where the broker does not answer."""
    current_app.send_task("traffic.check_inbox", expires=EXPIRES_SECONDS, ignore_result=True, retry=False)


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
            except (OperationalError, OSError) as error:
                self._warn(error)
            time.sleep(MIN_INTERVAL_SECONDS)

    def _warn(self, error: Exception) -> None:
        if time.monotonic() - self.last_warned_at > LOG_EVERY_SECONDS:
            self.last_warned_at = time.monotonic()
            log.warning(
                "the broker does not take wake-ups; the next beat will find what waits", error=type(error).__name__
            )


wake_up_sender = WakeUpSender()
