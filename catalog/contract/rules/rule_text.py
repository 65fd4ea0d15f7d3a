"""The sentences that people read about a broken rule."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleText:
    """What happened, and what to do next. `{place}`, `{expected}` and `{came}` are filled in where it is shown.

    `label` names the rule where it is chosen or listed.
    """

    what: str
    next: str
    label: str = ""
