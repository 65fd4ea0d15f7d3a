"""What the catalog's tests share."""

import pytest

from accounts.models import HistoryEntry, User
from catalog.services.write_keys import keys


@pytest.fixture(autouse=True)
def fresh_key_memory():
    """Each test starts with no key in memory, as a new process does."""
    keys.known.clear()


@pytest.fixture
def system(db) -> User:
    """The user that acts for tasks."""
    return User.objects.system()


@pytest.fixture
def actions():
    """A function from a subject to what its history says happened to it."""

    def told(subject_type: str, subject) -> list[str]:
        return [entry.action for entry in HistoryEntry.objects.of(subject_type, subject.pk)]

    return told
