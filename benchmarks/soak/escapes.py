"""Escapes: what the soak found that must not happen, each with the input or seed that shows it again."""

from __future__ import annotations

import base64
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

MAX_FILES_OF_A_KIND = 20
"""What happens again and again is counted, and written down only so often."""


class Escape(msgspec.Struct, frozen=True):
    """One thing that must not happen. `shown_input` is the input in base64, "" where there is none."""

    kind: str
    detail: str
    seed: str = ""
    shown_input: str = ""

    @classmethod
    def of_input(cls, kind: str, detail: str, content: bytes, *, seed: str) -> Escape:
        """Return an escape that these bytes show."""
        return cls(kind, detail, seed, base64.b64encode(content).decode())


@dataclass(slots=True)
class EscapeLog:
    """The escapes of one part: counted, printed, and written into `folder` one by one. Any thread may add to it."""

    folder: Path
    part: int
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def total(self) -> int:
        return self.counts.total()

    def add(self, escape: Escape) -> None:
        """Count an escape, and write it down unless many of its kind are."""
        with self._lock:
            self.counts[escape.kind] += 1
            number = self.counts[escape.kind]
            if number > MAX_FILES_OF_A_KIND:
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self.folder / f"part-{self.part:03}-{escape.kind.replace(' ', '-')}-{number:02}.json"
            file.write_bytes(msgspec.json.format(msgspec.json.encode(escape)))
            print(f"ESCAPE {escape.kind}: {escape.detail[:300]}\n       {file}", flush=True)
