"""Provenance of definitions: what was imported before, and the outcome of each entry of an import."""

from collections import defaultdict
from dataclasses import dataclass, field

from catalog.choices import ImportOutcome
from catalog.exchange.entry import Entry, EntryKey, EntryOutcome, previous_version, version_sort_key
from catalog.exchange.import_plan import EntryOwner, ImportAction, PlannedEntry, file_label
from catalog.models import Event, ImportEntry, ImportRun, Version

PATH_LENGTH, NAME_LENGTH, ORIGIN_LENGTH = 1000, 512, 100

OUTCOMES = {
    ImportAction.CREATE: ImportOutcome.CREATED,
    ImportAction.UPDATE: ImportOutcome.UPDATED,
    ImportAction.UNCHANGED: ImportOutcome.UNCHANGED,
    ImportAction.CONFLICT: ImportOutcome.FAILED,
    ImportAction.SKIPPED: ImportOutcome.SKIPPED,
    ImportAction.FAILED: ImportOutcome.FAILED,
}


@dataclass(frozen=True, slots=True)
class ImportedVersion:
    """What an entry was last imported as, and the file that it came from."""

    content_hash: bytes
    version_id: int
    event_id: int
    file: str = ""


@dataclass(slots=True)
class Provenance:
    """Every active version that was imported from one format."""

    format: str
    by_key: dict[EntryKey, ImportedVersion] = field(default_factory=dict)
    origin_versions: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    all_hashes: dict[EntryKey, set[bytes]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def load(cls, format: str) -> "Provenance":
        """Read it in one query. Dry runs, and versions that were taken back, do not count."""
        found = cls(format)
        rows = ImportEntry.objects.filter(
            run__format=format, run__is_dry_run=False, version__isnull=False, version__withdrawn_at=None
        ).order_by("pk")
        columns = ("call", "name", "origin_version", "content_hash", "version", "event", "path", "run__file_name")
        for *parts, outcome in rows.values_list(*columns, "outcome"):
            call, name, origin, content_hash, version_id, event_id, path, upload_name = parts
            key = (format, call, name, origin)
            found.all_hashes[key].add(bytes(content_hash or b""))
            if outcome == ImportOutcome.UNCHANGED and key in found.by_key:
                continue  # nothing was written, so another file may own the event
            file = file_label(upload_name, path)
            found.add(key, ImportedVersion(bytes(content_hash or b""), version_id, event_id, file))
        return found

    def add(self, key: EntryKey, imported: ImportedVersion) -> None:
        """Add one imported version."""
        self.by_key[key] = imported
        self.all_hashes[key].add(imported.content_hash)
        self.origin_versions[key[1], key[2]].add(key[3])

    def owners(self) -> dict[EntryKey, EntryOwner]:
        """Return which file the newest content of each entry came from."""
        return {
            key: EntryOwner(imported.file, frozenset(self.all_hashes[key])) for key, imported in self.by_key.items()
        }

    def content_hashes(self) -> dict[EntryKey, bytes]:
        """Return the content hash that was last imported for each entry."""
        return {key: imported.content_hash for key, imported in self.by_key.items()}

    def parent_id(self, entry: Entry) -> int | None:
        """Return the version that an entry follows: its own former content, else its origin's predecessor."""
        if entry.key in self.by_key:
            return self.by_key[entry.key].version_id
        others = self.origin_versions.get((entry.call, entry.name), set())
        previous_origin = previous_version(entry.origin_version, others)
        return (
            None
            if previous_origin is None
            else self.by_key[self.format, entry.call, entry.name, previous_origin].version_id
        )

    def has_event(self, entry: Entry) -> bool:
        """Return whether any version of the entry's event was imported."""
        return bool(self.origin_versions.get((entry.call, entry.name)))

    def is_backfill(self, entry: Entry) -> bool:
        """Return whether a version that its origin published later was imported before."""
        order = version_sort_key(entry.origin_version)
        return any(version_sort_key(other) > order for other in self.origin_versions.get((entry.call, entry.name), ()))


def outcome_of(step: PlannedEntry) -> ImportOutcome:
    """Return the outcome of an entry, or in a dry run the outcome that it would have."""
    if step.entry.outcome is EntryOutcome.FRAGMENT:
        return ImportOutcome.FRAGMENT
    return OUTCOMES[step.action]


def row_key(entry: Entry) -> tuple[str, str, str, str]:
    """Return the path, call, name and origin version of an entry as its row stores them."""
    call = entry.call if entry.name else ""
    return entry.path[:PATH_LENGTH], call, entry.name[:NAME_LENGTH], entry.origin_version[:ORIGIN_LENGTH]


def record_outcome(
    run: ImportRun,
    step: PlannedEntry,
    *,
    outcome: ImportOutcome | None = None,
    event: Event | None = None,
    version: Version | None = None,
    version_id: int | None = None,
    event_id: int | None = None,
    reason: str = "",
) -> ImportEntry:
    """Store the outcome of one entry (by default the planned one) with its notes; `reason` adds one.

    The source's text is stored with each entry, except in dry runs and where nothing has changed since the last
    import.
    """
    entry = step.entry
    final_outcome = outcome or outcome_of(step)
    keeps_text = not run.is_dry_run and final_outcome != ImportOutcome.UNCHANGED
    path, call, name, origin_version = row_key(entry)
    return ImportEntry.objects.create(
        run=run,
        path=path,
        call=call,
        name=name,
        origin_version=origin_version,
        content_hash=entry.content_hash,
        source_text=entry.source_text if keeps_text else "",
        outcome=final_outcome,
        notes=notes_of(step, reason=reason),
        event_id=event.pk if event else event_id,
        version_id=version.pk if version else version_id,
    )


def notes_of(step: PlannedEntry, *, reason: str = "") -> list[dict[str, str]]:
    """Return what of an entry could not be converted, and why it was not imported: `[{"code", "where", "what"}]`."""
    notes = [{"code": problem.code, "where": problem.path, "what": problem.detail} for problem in step.entry.problems]
    notes += [{"code": note.code, "where": note.where, "what": note.what} for note in step.entry.notes]
    if step.detail and not step.entry.problems:
        notes.insert(0, {"code": step.code or str(step.action), "where": "", "what": step.detail})
    if reason:
        notes.insert(0, {"code": "refused", "where": "", "what": reason})
    return notes
