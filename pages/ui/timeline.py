"""One entry of a timeline: what the history of a request and of a finding have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What somebody did, and when; `icon` and `tone` are those of a badge.

    `body` keeps its line breaks. `to_state` is the state of a request or delivery that something moved to, "" where
    nothing moved. `event` is a stored event that shows why, for those who may view samples.
    """

    at: datetime
    actor: Any  # a person; None for nobody
    title: str
    body: str = ""
    icon: str = "dot"
    tone: str = "neutral"
    to_state: str = ""
    event: dict[str, Any] | None = None
