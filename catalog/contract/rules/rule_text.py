"""The sentences that people read about a broken rule."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleText:
    """What happened, and what to do next. `{place}`, `{expected}` and `{came}` are filled in where it is shown."""

    what: str
    next: str
