"""What a round of the fuzz in process tells whoever started it, a line of JSON each."""

from __future__ import annotations

import msgspec

from benchmarks.soak.escapes import Escape


class RoundReport(msgspec.Struct, frozen=True):
    """One round: how many events were tried, how many bodies were refused, how long it took, and what escaped."""

    inputs: int
    refused_bodies: int
    seconds: float
    escapes: list[Escape]

    def as_line(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_line(cls, line: str) -> RoundReport:
        """Raises msgspec's errors for a line that is none."""
        return msgspec.json.decode(line, type=cls)
