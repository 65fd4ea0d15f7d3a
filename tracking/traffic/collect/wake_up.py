"""Nudges: messages that tell a worker to look into the inbox. Losing one costs two seconds at most."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.05
EXPIRES_SECONDS = 30
LOG_EVERY_SECONDS = 60


def send_nudge() -> None:
    """Send one message. Raises kombu's OperationalError or OSError where the broker does not answer."""
    current_app.send_task("traffic.check_inbox", expires=EXPIRES_SECONDS, ignore_result=True, retry=False)


@dataclass(slots=True)
class Nudger:
    """Sends nudges from a thread of its own, however many are asked for at most one in 50 ms.

    So no request waits for the broker, and none fails with it: what a nudge would have found, the beat finds.
    The thread begins with the first nudge, after the server has forked its workers.
    """

    send: Callable[[], None] = send_nudge
    wanted: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    thread: threading.Thread | None = None
    complained_at: float = float("-inf")

    def nudge(self) -> None:
        """Ask for a nudge and return at once."""
        if self.thread is None or not self.thread.is_alive():
            with self.lock:
                if self.thread is None or not self.thread.is_alive():
                    self.thread = threading.Thread(target=self._run, name="inbox-nudger", daemon=True)
                    self.thread.start()
        self.wanted.set()

    def _run(self) -> None:
        while True:
            self.wanted.wait()
            self.wanted.clear()
            try:
                self.send()
            except (OperationalError, OSError) as error:
                self._complain(error)
            time.sleep(PAUSE_SECONDS)

    def _complain(self, error: Exception) -> None:
        if time.monotonic() - self.complained_at > LOG_EVERY_SECONDS:
            self.complained_at = time.monotonic()
            log.warning("the broker does not take nudges; the beat will find what waits", error=type(error).__name__)


nudger = Nudger()
