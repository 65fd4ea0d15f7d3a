"""The house's one history: written by `record`, never changed; `allow_purge` is the only way past its trigger."""

from accounts.history.purge import allow_purge
from accounts.history.writer import record

__all__ = ["allow_purge", "record"]
