"""What an import would change: each entry compared with what was imported before."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog.contract import clean_name, fold_name
from catalog.exchange.entry import Entry, EntryKey, EntryOutcome


class ImportAction(StrEnum):
    """What is to be done with one entry."""

    CREATE = "create"  # this version of the event was never imported
    UPDATE = "update"  # it was, with another content, in a format whose versions may change
    UNCHANGED = "unchanged"  # it was, with this very content
    CONFLICT = "conflict"  # another content under a version that never changes, or twice in one upload
    SKIPPED = "skipped"  # nothing to import
    FAILED = "failed"  # cannot be imported


@dataclass(frozen=True, slots=True)
class EntryOwner:
    """Which file the newest content of an entry came from, and the hashes of all that were ever imported for it."""

    file: str
    content_hashes: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """One entry with what is to be done with it, and a sentence where that needs one; `code` says of which kind."""

    entry: Entry
    action: ImportAction
    detail: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do, entry by entry, in the order of the upload."""

    entries: tuple[PlannedEntry, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many entries meet each action; every action is there, and together they are all entries."""
        found = Counter(step.action for step in self.entries)
        return {action.value: found[action] for action in ImportAction}

    def ordered_writes(self) -> Iterator[PlannedEntry]:
        """The steps that write something, the versions of each event in the order of their origin."""
        writes = [step for step in self.entries if step.action in (ImportAction.CREATE, ImportAction.UPDATE)]
        yield from sorted(writes, key=lambda step: (step.entry.call, step.entry.name, step.entry.sort_key))


def build_import_plan(
    entries: Iterable[Entry],
    known: Mapping[EntryKey, bytes],
    *,
    owners: Mapping[EntryKey, EntryOwner] | None = None,
    upload_name: str = "",
) -> ImportPlan:
    """Decide what is to be done with each entry.

    `known` maps `Entry.key` (format, call, name, origin version) to the content hash that was imported last
    under it. With the hashes of a first import as `known`, a second import of the same upload only answers
    `unchanged`, `skipped` and `failed`. By `owners`, two files that define one event differently settle,
    imported in turn: the one whose content came last owns the event, and what the other one brought before is
    not written again. `upload_name` is the name of this upload, as `owners` knows it.
    """
    seen: dict[EntryKey, Entry] = {}
    owner_of = owners or {}
    return ImportPlan(tuple(_plan_entry(entry, known, seen, owner_of.get(entry.key), upload_name) for entry in entries))


SIMILAR_NAME = "similar_name"
"""The code of what is told of a name that people read as another one."""


def with_similar_names(
    plan: ImportPlan, names: Mapping[tuple[str, str], Collection[str]], *, holds_back: bool
) -> ImportPlan:
    """Return the plan with a sentence at each new name that people read as another one, once for all its versions.

    `names` are those of the events that there are, by call and folded name; names of earlier entries count as well.
    With `holds_back` such an entry is skipped, since nobody has said why both names are needed; all others are
    imported as planned.
    """
    known = {key: list(values) for key, values in names.items()}
    told: set[tuple[str, str]] = set()
    return ImportPlan(tuple(_with_similar_name(step, known, told, holds_back=holds_back) for step in plan.entries))


def _with_similar_name(
    step: PlannedEntry, known: dict[tuple[str, str], list[str]], told: set[tuple[str, str]], *, holds_back: bool
) -> PlannedEntry:
    if step.action not in (ImportAction.CREATE, ImportAction.UPDATE):
        return step
    name = clean_name(step.entry.name)
    alike = known.setdefault((step.entry.call, fold_name(name)), [])
    if not alike or name in alike:
        alike.append(name)
        # Another version of an event that was told of: whichever is written first gives the event its name.
        return replace(step, code=SIMILAR_NAME) if (step.entry.call, name) in told else step
    reads_like = f"{name[:80]!r} reads like {alike[0][:80]!r}."
    if holds_back:
        detail = f"{reads_like} Correct one of them, or import again and say why both are needed (--name-reason)."
        return replace(step, action=ImportAction.SKIPPED, detail=detail, code=SIMILAR_NAME)
    alike.append(name)
    told.add((step.entry.call, name))
    detail = f"{reads_like} Whoever imports or asks for it says why both are needed."
    return replace(step, detail=detail, code=SIMILAR_NAME)


def file_label(upload_name: str, entry_path: str) -> str:
    """Return how people know the file that an entry came from: its path, with the upload's name if that is another."""
    path = entry_path.partition("#")[0]
    return path if upload_name in ("", path) else f"{path} of {upload_name}"


def _plan_entry(
    entry: Entry,
    imported_hashes: Mapping[EntryKey, bytes],
    seen: dict[EntryKey, Entry],
    owner: EntryOwner | None,
    upload_name: str,
) -> PlannedEntry:
    if entry.outcome is EntryOutcome.FAILED:
        return PlannedEntry(entry, ImportAction.FAILED, _problem_details(entry))
    if entry.outcome is not EntryOutcome.IMPORTED:
        return PlannedEntry(entry, ImportAction.SKIPPED, _problem_details(entry))
    first = seen.setdefault(entry.key, entry)
    if first is not entry:
        if first.content_hash == entry.content_hash:
            return PlannedEntry(entry, ImportAction.SKIPPED, f"The same as {first.path}.")
        return PlannedEntry(
            entry, ImportAction.CONFLICT, f"The same name and version as {first.path}, with another content."
        )
    imported_hash = imported_hashes.get(entry.key)
    if imported_hash is None:
        return PlannedEntry(entry, ImportAction.CREATE)
    if imported_hash == entry.content_hash:
        return PlannedEntry(entry, ImportAction.UNCHANGED)
    if entry.is_immutable:
        detail = f"Version {entry.origin_version} was imported with another content. Give the change a new version."
        return PlannedEntry(entry, ImportAction.CONFLICT, detail)
    if owner and entry.content_hash in owner.content_hashes and owner.file != file_label(upload_name, entry.path):
        detail = (
            f"{owner.file} owns this event: its content was imported after this one, which is not written again. "
            "Remove the event from one of the two files, or make both say the same."
        )
        return PlannedEntry(entry, ImportAction.UNCHANGED, detail)
    return PlannedEntry(entry, ImportAction.UPDATE)


def _problem_details(entry: Entry) -> str:
    return " ".join(problem.detail for problem in entry.problems)
