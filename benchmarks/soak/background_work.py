"""Work that goes on beside everything else, in threads of its own, until it is told to stop."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field


@dataclass(slots=True)
class BackgroundWork(ABC):
    """What the parts of a soak that run at once have in common: each says in `_work` what one thread of it does.

    A thread that ends by an exception is told by `threading.excepthook`.
    """

    _should_stop: threading.Event = field(init=False, repr=False, default_factory=threading.Event)
    _threads: list[threading.Thread] = field(init=False, repr=False, default_factory=list)

    @property
    def thread_count(self) -> int:
        """How many threads do the same work."""
        return 1

    def start(self) -> None:
        """Begin, and return at once."""
        for number in range(self.thread_count):
            name = f"{type(self).__name__} {number}"
            thread = threading.Thread(target=self._work, args=(number,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, *, seconds: float | None = None) -> None:
        """Let every thread finish what it is at. Raises TimeoutError where one takes longer than `seconds`."""
        self._should_stop.set()
        for thread in self._threads:
            thread.join(seconds)
            if seconds is not None and thread.is_alive():
                raise TimeoutError(f"{thread.name} did not end within {seconds:g} s.")

    @abstractmethod
    def _work(self, number: int) -> None:
        """Do the work of the thread `number` until `_should_stop` is set."""
