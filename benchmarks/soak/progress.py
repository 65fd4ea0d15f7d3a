"""What the parts of a soak have reached, kept in a file, so that the next part goes on where the last one ended."""

from __future__ import annotations

from pathlib import Path

import msgspec

from runtime.files import write_private

WHOLE_KILLS = 100
WHOLE_INPUTS = 1_000_000


class PartFigures(msgspec.Struct):
    """One part. Its kills count once it has ended and its events are counted; inputs are judged one by one."""

    number: int
    seed: str
    began: str
    machine: str
    commit: str
    load: float = 0.0  # of the machine, when the part began
    seconds: float = 0.0
    is_counted: bool = False
    kills: dict[str, int] = {}
    faults: dict[str, int] = {}
    restarts: dict[str, int] = {}
    memory: dict[str, int] = {}  # the most bytes that one process of a kind held
    slowest: dict[str, float] = {}  # seconds, by what was asked
    slowest_return: dict[str, float] = {}  # seconds until everything was ready again, by what was killed
    told_to_wait: dict[str, int] = {}  # answers 503 with Retry-After, by what was asked
    slow_sockets: int = 0
    inputs_over_http: int = 0
    inputs_in_process: int = 0
    acknowledged: int = 0
    repeats: int = 0
    lost: int = 0
    doubled: int = 0
    quarantined: int = 0
    escapes: dict[str, int] = {}

    @property
    def kill_count(self) -> int:
        """How many kills are known to have cost nothing, or what."""
        return sum(self.kills.values()) if self.is_counted else 0

    @property
    def input_count(self) -> int:
        return self.inputs_over_http + self.inputs_in_process

    @property
    def escape_count(self) -> int:
        return sum(self.escapes.values())


class Progress(msgspec.Struct):
    """All parts so far, in order."""

    parts: list[PartFigures] = []

    @classmethod
    def load(cls, path: Path) -> Progress:
        """Return what the file holds; nothing yet where there is none. Raises msgspec's errors for another file."""
        return msgspec.json.decode(path.read_bytes(), type=cls) if path.exists() else cls()

    def save(self, path: Path) -> None:
        """Replace what the file holds, in one step."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, msgspec.json.format(msgspec.json.encode(self)).decode())

    @property
    def kills(self) -> int:
        return sum(part.kill_count for part in self.parts)

    @property
    def inputs(self) -> int:
        return sum(part.input_count for part in self.parts)

    @property
    def escapes(self) -> int:
        return sum(part.escape_count for part in self.parts)

    @property
    def is_whole(self) -> bool:
        """Whether as much was killed and tried as the soak asks for."""
        return self.kills >= WHOLE_KILLS and self.inputs >= WHOLE_INPUTS
