"""What services raise when a step's preconditions do not hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnmetCondition:
    """One condition that a step needs and that does not hold: a stable code, and a sentence for people."""

    code: str
    detail: str


class UnmetConditionsError(Exception):
    """A step that the person may take, but not now. The API answers 409 with every condition that is unmet.

    Also raised when two people act at once: the second one's unmet condition is the state that they saw.
    """

    def __init__(self, unmet: Iterable[UnmetCondition]) -> None:
        self.unmet = list(unmet)
        super().__init__(" ".join(condition.detail for condition in self.unmet))
