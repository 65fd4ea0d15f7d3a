"""One generated event, with the verdict that it is meant to get."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.choices import Environment

DUPLICATE = "repeat"
"""What is meant for an event that was sent before: it is no verdict, since repeats are not counted again."""


@dataclass(frozen=True, slots=True)
class GeneratedEvent:
    """An event as a source's SDK sends it. `fault` names the deliberate fault that it shows, "" for none."""

    at: datetime
    source: str
    environment: Environment
    name: str
    message: dict[str, Any]
    expected_verdict: str
    fault_key: str = ""
