"""Storing many things of which a few may be impossible to store: those are left out, and the others are not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction

from database.outages import is_database_outage
from tracking.traffic.check.error_location import error_location

MAX_LEFT_OUT = 100
"""More that cannot be stored are no accident of theirs: then storing has failed as a whole."""

T = TypeVar("T")


@dataclass(slots=True)
class StorageFailures:
    """What could not be stored: how many of the items, and why the first one could not."""

    count: int = 0
    first_error: Exception | None = None

    @property
    def location(self) -> str:
        """Where the first one failed, without any value."""
        return error_location(self.first_error) if self.first_error is not None else ""

    def add(self, error: Exception) -> None:
        self.first_error = self.first_error or error
        self.count += 1


def store_what_can_be(items: Sequence[T], store: Callable[[Sequence[T]], object]) -> StorageFailures:
    """Store items, inside a transaction; where that fails, each half by itself, down to those that cannot be stored.

    `store` is called in a savepoint of its own each time. What fails costs twice the logarithm of the number of items.
    Raises what `store` raised where the database failed, whatever was asked of it, where nothing at all could be
    stored, and past `MAX_LEFT_OUT` items: then it is our fault, and everything is better tried again.
    """
    failures = StorageFailures()
    if items:
        _store(items, store, failures)
    if failures.first_error is not None and failures.count == len(items):
        raise failures.first_error
    return failures


def _store(items: Sequence[T], store: Callable[[Sequence[T]], object], failures: StorageFailures) -> None:
    try:
        with transaction.atomic():
            store(items)
    except Exception as error:  # whatever one of them holds, it costs that one alone
        if is_database_outage(error) or failures.count >= MAX_LEFT_OUT:
            raise
        if len(items) == 1:
            failures.add(error)
            return
        middle = len(items) // 2
        _store(items[:middle], store, failures)
        _store(items[middle:], store, failures)
