"""The history of changes: written by `record` and `record_state_changes` only, and never edited.

`allow_purge` is the only way past its trigger.
"""

from accounts.history.purge import allow_purge
from accounts.history.writer import StateChange, record, record_state_changes

__all__ = ["StateChange", "allow_purge", "record", "record_state_changes"]
