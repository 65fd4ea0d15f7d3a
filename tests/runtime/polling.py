"""Waits for something that another process does."""

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = 20.0) -> None:
    """Return once `condition` answers true. Raises AssertionError, naming `what`, after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)
