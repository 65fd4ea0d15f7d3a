"""What an erasure did: counts by kind of row, and what it left."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Receipt:
    """What became of one subject's data.

    `erased` counts by what was erased. `remaining` says in which columns the characters of the id still stand, in rows
    that no command may rewrite, such as what colleagues wrote; None where that was not looked for. `is_complete` is
    False where the subject's events were still arriving. `at` is when history got it, None until then.
    """

    receipt_id: str
    erased: Counter[str] = field(default_factory=Counter)
    remaining: Mapping[str, int] | None = None
    is_complete: bool = True
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as history keeps it."""
        return {
            "erased": dict(sorted(self.erased.items())),
            "remaining": None if self.remaining is None else dict(self.remaining),
            "is_complete": self.is_complete,
        }
