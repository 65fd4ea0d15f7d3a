"""What an import would change: each entry against what is known of it already."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.exchange.entry import Entry, Key, Outcome


class Action(StrEnum):
    """What is to be done with one entry."""

    CREATE = "create"  # this version of the event was never imported
    UPDATE = "update"  # it was, with another content, in a format whose versions may change
    UNCHANGED = "unchanged"  # it was, with this very content
    CONFLICT = "conflict"  # another content under a version that never changes, or twice in one upload
    SKIPPED = "skipped"  # nothing to import
    FAILED = "failed"  # cannot be imported


@dataclass(frozen=True, slots=True)
class Step:
    """One entry with what is to be done with it, and a sentence where that needs one."""

    entry: Entry
    action: Action
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, entry by entry, in the order of the upload."""

    steps: tuple[Step, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many entries meet each action; every action is there, and together they are all entries."""
        found = Counter(step.action for step in self.steps)
        return {action.value: found[action] for action in Action}

    def in_order(self) -> Iterator[Step]:
        """The steps that write something, the versions of each event in the order of their origin."""
        writing = [step for step in self.steps if step.action in (Action.CREATE, Action.UPDATE)]
        yield from sorted(writing, key=lambda step: (step.entry.call, step.entry.name, step.entry.order))


def plan(entries: Iterable[Entry], known: Mapping[Key, bytes]) -> Plan:
    """Decide what is to be done with each entry.

    `known` maps `Entry.key` (format, call, name, origin version) to the content hash that was imported last
    under it. With the hashes of a first import as `known`, a second import of the same upload only answers
    `unchanged`, `skipped` and `failed`.
    """
    seen: dict[Key, Entry] = {}
    return Plan(tuple(_step(entry, known, seen) for entry in entries))


def _step(entry: Entry, known: Mapping[Key, bytes], seen: dict[Key, Entry]) -> Step:
    if entry.outcome is Outcome.FAILED:
        return Step(entry, Action.FAILED, _reasons(entry))
    if entry.outcome is not Outcome.IMPORTED:
        return Step(entry, Action.SKIPPED, _reasons(entry))
    first = seen.setdefault(entry.key, entry)
    if first is not entry:
        if first.content_hash == entry.content_hash:
            return Step(entry, Action.SKIPPED, f"The same as {first.path}.")
        return Step(entry, Action.CONFLICT, f"The same name and version as {first.path}, with another content.")
    before = known.get(entry.key)
    if before is None:
        return Step(entry, Action.CREATE)
    if before == entry.content_hash:
        return Step(entry, Action.UNCHANGED)
    if entry.is_fixed:
        detail = f"Version {entry.origin_version} was imported with another content. Give the change a new version."
        return Step(entry, Action.CONFLICT, detail)
    return Step(entry, Action.UPDATE)


def _reasons(entry: Entry) -> str:
    return " ".join(problem.detail for problem in entry.problems)
