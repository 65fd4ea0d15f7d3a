"""The history of changes: written by `record` and `record_state_changes` only, and never edited.

`purge_rows` is the application's only way past its trigger, `allow_purge` that of the database's owner.
"""

from accounts.history.purge import OwnerRoleRequired, allow_purge, purge_rows, require_owner_role
from accounts.history.writer import StateChange, record, record_state_changes

__all__ = [
    "OwnerRoleRequired",
    "StateChange",
    "allow_purge",
    "purge_rows",
    "record",
    "record_state_changes",
    "require_owner_role",
]
