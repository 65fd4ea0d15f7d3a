"""What the catalog's tests share."""

import pytest

from accounts.models import HistoryEntry, User
from catalog.services.write_keys import write_key_cache


@pytest.fixture(autouse=True)
def clear_key_cache():
    """Each test starts with no key in memory, as a new process does."""
    write_key_cache.entries.clear()


@pytest.fixture
def system(db) -> User:
    """The user that acts for tasks."""
    return User.objects.system()


@pytest.fixture
def history_actions():
    """A function from a subject to what its history says happened to it."""

    def actions_of(subject_type: str, subject) -> list[str]:
        return [entry.action for entry in HistoryEntry.objects.for_subject(subject_type, subject.pk)]

    return actions_of
