"""How many passwords a process looks at at once: to look at one takes a second of a processor, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class PasswordsBusy(Exception):
    """As many passwords are being looked at as may be."""


@dataclass(slots=True)
class PasswordSlots:
    """The places of this process. Some are left for those who signed in from where they are before.

    One more may wait for a place for a moment, so that two colleagues who sign in together both can. No others wait:
    they would hold threads that pages need. So however many strangers try to sign in, all other pages are made, and
    people at work can sign in.
    """

    places: int = 2
    places_of_strangers: int = 1
    places_to_wait: int = 1
    wait_seconds: float = 2.0
    taken: int = 0
    taken_by_strangers: int = 0
    waiting: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def place(self, *, is_known: bool) -> Iterator[None]:
        """Hold a place for as long as the block lasts. Raises PasswordsBusy where none is free in time."""
        self._take(is_known)
        try:
            yield
        finally:
            with self.changed:
                self.taken -= 1
                self.taken_by_strangers -= not is_known
                self.changed.notify_all()

    def _take(self, is_known: bool) -> None:
        with self.changed:
            if not self._is_free(is_known) and not self._wait(is_known):
                raise PasswordsBusy
            self.taken += 1
            self.taken_by_strangers += not is_known

    def _is_free(self, is_known: bool) -> bool:
        return self.taken < self.places and (is_known or self.taken_by_strangers < self.places_of_strangers)

    def _wait(self, is_known: bool) -> bool:
        """Wait until a place is free, and return whether one is; not at all where others wait already."""
        if self.waiting >= self.places_to_wait:
            return False
        self.waiting += 1
        try:
            return self.changed.wait_for(lambda: self._is_free(is_known), self.wait_seconds)
        finally:
            self.waiting -= 1


password_slots = PasswordSlots()
