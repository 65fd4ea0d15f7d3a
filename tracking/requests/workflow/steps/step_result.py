"""The result of a step's effect: what history keeps, and which other rows must be recomputed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StepResult:
    """The outcome of one step's effect.

    `details` are kept by history alone. The other fields name rows whose state follows from the step; history keeps
    their ids under the same names, where there are any. `superseded` is None for a step that supersedes nothing by
    its nature: history then has no such key.
    """

    details: Mapping[str, object] = field(default_factory=dict)
    superseded: Sequence[int] | None = None  # deliveries that the moved delivery's version now replaces
    reopened: Sequence[int] = ()  # deliveries that go on, since what replaced them was taken back
    replaced: Sequence[int] = ()  # deliveries that are now replaced for good
    waiting: Sequence[int] = ()  # deliveries that were replaced for good and no longer are
    words: Sequence[int] = ()  # requests of words alone whose versions were withdrawn

    def as_history(self) -> dict[str, object]:
        """Return what history stores as the step's evidence."""
        affected = {
            "reopened": self.reopened,
            "replaced": self.replaced,
            "waiting": self.waiting,
            "words": self.words,
        }
        return (
            dict(self.details)
            | ({} if self.superseded is None else {"superseded": list(self.superseded)})
            | {name: list(ids) for name, ids in affected.items() if ids}
        )
