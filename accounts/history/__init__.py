"""The history of changes: written by `record` only, never edited; `allow_purge` is the only way past its trigger."""

from accounts.history.purge import allow_purge
from accounts.history.writer import record

__all__ = ["allow_purge", "record"]
