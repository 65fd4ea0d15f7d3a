"""Logs that grow: the lines that were not read yet, and the tracebacks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TRACEBACK = "Traceback (most recent call last):"
_CAUSE = (
    r"Traceback \(most recent call last\):\n(?:(?!Traceback \().*\n)*?\n"
    r"(?:The above exception was the direct cause|During handling of the above exception).*\n\n(?=Traceback \()"
)
_CAUSES = re.compile(_CAUSE)
_CHAIN = re.compile(rf"(?:{_CAUSE})*Traceback \(most recent call last\):\n")


@dataclass(slots=True)
class LogTail:
    """The lines of a log that were not read yet. One that was emptied meanwhile is read from its beginning."""

    path: Path
    _position: int = 0

    def new_lines(self) -> str:
        """Return the lines that were finished since the last time; a traceback only with its last line."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                self._position = self._position if self._position <= size else 0
                file.seek(self._position)
                content = file.read()
        except FileNotFoundError:
            return ""
        lines = content[: content.rfind(b"\n") + 1]
        text = lines.decode("latin-1")  # a character is a byte, so that a place in one is a place in the other
        begun = max((found.start() for found in _CHAIN.finditer(text)), default=-1)
        if begun >= 0 and _last_line(text[text.rfind(TRACEBACK) :]) is None:
            lines = lines[:begun]
        self._position += len(lines)
        return lines.decode(errors="replace")


def tracebacks(text: str) -> Iterator[str]:
    """Yield of each traceback in the lines of a log its last line, and the place in our own code that it names last.

    Of exceptions that caused each other, the last one counts.
    """
    for part in _CAUSES.sub("", text).split(TRACEBACK)[1:]:
        places = [line.strip() for line in part.splitlines() if line.startswith('  File "') and ".venv" not in line]
        yield f"{_last_line(part) or '?'} at {places[-1] if places else 'a place that is not ours'}"


def _last_line(traceback: str) -> str | None:
    """Return the line that names the exception: the first behind the beginning that is not indented."""
    return next((line for line in traceback.splitlines()[1:] if line and not line[0].isspace()), None)
