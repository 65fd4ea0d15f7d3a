"""What services raise when the world is not in the state that a step needs."""

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

    Two people pressing at once is this as well: the loser's condition is that the thing still stood where they saw it.
    """

    def __init__(self, unmet: Iterable[UnmetCondition]) -> None:
        self.unmet = list(unmet)
        super().__init__(" ".join(condition.detail for condition in self.unmet))
