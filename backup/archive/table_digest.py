"""What identifies the rows of a table: how many, how many bytes, and their hash."""

import hashlib
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class TableDigest:
    """Sums up a table's rows as they pass, in the text format of COPY, in the order of their keys."""

    rows: int = 0
    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)  # hashlib names no type for its objects

    def add(self, block: bytes) -> None:
        """Take the next block. COPY ends each row with a line feed and writes those of values as two characters."""
        self.rows += block.count(b"\n")
        self.size += len(block)
        self._hash.update(block)

    @property
    def sha256(self) -> str:
        """The SHA-256 of all blocks so far, as 64 hexadecimal digits."""
        return str(self._hash.hexdigest())
