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

    Nobody waits for one: whoever waited would hold a thread that pages need. So however many strangers try to sign in,
    all other pages are made, and people at work can sign in.
    """

    places: int = 2
    places_of_strangers: int = 1
    taken: int = 0
    taken_by_strangers: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def place(self, *, is_known: bool) -> Iterator[None]:
        """Hold a place for as long as the block lasts. Raises PasswordsBusy where none is free."""
        with self.lock:
            if self.taken >= self.places or (not is_known and self.taken_by_strangers >= self.places_of_strangers):
                raise PasswordsBusy
            self.taken += 1
            self.taken_by_strangers += not is_known
        try:
            yield
        finally:
            with self.lock:
                self.taken -= 1
                self.taken_by_strangers -= not is_known


password_slots = PasswordSlots()
