"""The house's one history: written by `record`, never changed; `purging` is the only way past its trigger."""

from accounts.history.purge import purging
from accounts.history.writer import record

__all__ = ["purging", "record"]
