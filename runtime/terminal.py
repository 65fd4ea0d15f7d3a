"""Output for the terminal, or the log in its place: one line a step. What takes no output ends nobody."""

import sys
from contextlib import suppress


def print_status(subject: str, text: str) -> None:
    """Print one line: who it is about, and what happened."""
    print_text(f"  {subject:<12} {text}")


def print_text(text: str) -> None:
    """Print `text`. A terminal that was closed, or a full disk, is no reason to leave processes behind."""
    with suppress(OSError):
        print(text, flush=True)


def print_error(text: str) -> None:
    """Print a sentence about what went wrong to the error output."""
    with suppress(OSError):
        print(f"\n{text}", file=sys.stderr, flush=True)
