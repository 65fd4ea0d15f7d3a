"""How much memory a process uses: what lies in it at this moment (its resident set), in bytes."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

LIMIT_VARIABLE = "WORKER_MAX_MEMORY"
DEFAULT_LIMIT = 2 * 1024**3
KILLED_PAST = 1.25
"""A worker keeps to its limit itself, between the steps of its work; so much more, and its supervisor kills it."""

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_OWN_PAGES = Path("/proc/self/statm")


def worker_memory_limit(environment: Mapping[str, str]) -> int:
    """Return how many bytes a worker may hold. A text that is no number counts as none: the application refuses it."""
    text = environment.get(LIMIT_VARIABLE, "")
    return int(text) if text.isdecimal() else DEFAULT_LIMIT


def resident_bytes(pid: int | None = None) -> int:
    """Return the memory of a process, by default of this one; 0 where it is gone or the system does not say."""
    path = _OWN_PAGES if pid is None else Path(f"/proc/{pid}/statm")
    if _OWN_PAGES.exists():
        try:
            return int(path.read_text().split()[1]) * _PAGE_BYTES
        except (OSError, IndexError, ValueError):
            return 0
    command = ["/bin/ps", "-o", "rss=", "-p", str(pid or os.getpid())]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return int(answer) * 1024 if answer.isdecimal() else 0
