"""The short notation of the demo's requests and their steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo.dictionary import Document, EventEntry
from tracking.requests.choices import ChangeAction, Priority

DefinitionEdit = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class ScenarioAction:
    """One thing that somebody did: how many days before the loading, what, who, and what they brought.

    `do` is one of `submit`, `approve`, `publish`, `develop`, `verify`, `send_back`, `decline`, `withdraw`, `redraft`
    and `try`, which lets devices outside production send the event `count` times to the source `on`, as the app
    version says; `broken` replaces what the last of them carries.
    """

    days_ago: float
    action: str
    by: str = ""
    source: str = ""
    comment: str = ""
    app_version: str = ""
    count: int = 5
    broken: dict[str, Any] = field(default_factory=dict)

    @property
    def requires_checked_traffic(self) -> bool:
        """Whether everything that arrived before must have been checked."""
        return self.action in ("approve", "develop", "verify", "send_back", "try")


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """A request: what it asks for, and its steps.

    A request that creates an event brings its `event`; any other names the event it is about, in `about`, and, where
    it updates it, how its definition is edited. `lives` says from how many days ago which source sent in production
    what the request asks for. `fields` go to the draft as they are; days in them count from the loading.
    """

    title: str
    author: str
    drafted_days_ago: float
    actions: tuple[ScenarioAction, ...]
    event: EventEntry | None = None
    existing_event: str = ""
    action: ChangeAction = ChangeAction.CREATE
    edit_definition: DefinitionEdit | None = None
    source_letters: str = ""
    question: str = ""
    decision: str = ""
    metric: str = ""
    message: str = ""
    reason: str = ""
    priority: Priority | str = ""
    expected_per_day: int | None = None
    review_in_days: int | None = None
    successor: str = ""
    has_no_successor: bool = False
    ends_in_days: int | None = None
    live_days_ago: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the event that it is about."""
        return self.event.name if self.event is not None else self.existing_event
