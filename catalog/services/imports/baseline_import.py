"""A baseline: definitions of another tool imported unchanged, with all their versions, without a request."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.choices import Environment, ImportOutcome, Status
from catalog.contract import InvalidDefinition
from catalog.exchange.entry import Entry
from catalog.exchange.import_plan import SIMILAR_NAME, ImportPlan, PlannedEntry
from catalog.models import Binding, Event, ImportRun, Source, Version
from catalog.services.bindings import BASELINE_START, bind_source, end_bindings
from catalog.services.events import create_event
from catalog.services.imports.import_provenance import ImportedVersion, Provenance, record_outcome, row_key
from catalog.services.imports.imported_status import apply_imported_status
from catalog.services.taxonomy_editing import ensure_category, ensure_tags
from catalog.services.versions import publish_version

ENTRY_ERRORS = (InvalidDefinition, ValidationError, UnmetConditionsError, Forbidden)
"""What stops one entry and not the import."""


def import_baseline(
    run: ImportRun, planned: ImportPlan, provenance: Provenance, *, at: datetime | None = None
) -> Iterator[int]:
    """Write every entry of a plan, one event in one transaction; yield how many entries are done after each.

    The versions of an event are written in the order of their origin, each with its origin's predecessor as
    parent; the newest is bound to the run's sources from the beginning. Entries that this run recorded
    before it was interrupted are skipped.
    """
    recorded = set(run.entries.values_list("path", "call", "name", "origin_version"))
    sources = list(run.sources.all())
    steps_to_write = list(planned.ordered_writes())
    step_ids_to_write = {id(step) for step in steps_to_write}
    done = 0
    for step in planned.entries:
        if id(step) not in step_ids_to_write:
            if row_key(step.entry) not in recorded:
                before = provenance.by_key.get(step.entry.key)
                unchanged = (before.event_id, before.version_id) if before else (None, None)
                record_outcome(run, step, event_id=unchanged[0], version_id=unchanged[1])
            done += 1
    yield done
    for _name, group in groupby(steps_to_write, key=lambda step: (step.entry.call, step.entry.name)):
        steps = list(group)
        remaining = [step for step in steps if row_key(step.entry) not in recorded]
        with transaction.atomic():
            _EventBaselineWriter(run, sources, provenance, at or timezone.now()).write(remaining)
        done += len(steps)
        yield done


class _EventBaselineWriter:
    """The writing of one event's entries."""

    def __init__(self, run: ImportRun, sources: Sequence[Source], provenance: Provenance, at: datetime) -> None:
        self.run, self.sources, self.provenance, self.at = run, sources, provenance, at
        self.by: User = run.created_by

    def write(self, steps: Sequence[PlannedEntry]) -> None:
        event: Event | None = None
        newest: Entry | None = None
        for step in steps:
            try:
                with transaction.atomic():
                    event = self._get_or_create_event(step)
                    version = self._publish(event, step.entry)
            except ENTRY_ERRORS as error:
                record_outcome(self.run, step, outcome=ImportOutcome.FAILED, reason=_error_message(error))
                continue
            self.provenance.add(step.entry.key, ImportedVersion(step.entry.content_hash, version.pk, event.pk))
            newest = step.entry
            record_outcome(self.run, step, event=event, version=version)
        if event is not None and Event.objects.filter(pk=event.pk).exists():
            event.refresh_from_db()
            self._bind_newest(event)
            if newest is not None:
                self._apply_origin_status(event, newest)

    def _get_or_create_event(self, step: PlannedEntry) -> Event:
        entry = step.entry
        event = Event.objects.named(entry.call, entry.name).first()
        if event is not None:
            return event
        return create_event(
            name=entry.name,
            call=entry.call,
            owner_team=self.run.owner_team,
            owner_text=entry.owner_text,
            category=ensure_category(entry.category_text, by=self.by, owner_team=self.run.owner_team, at=self.at),
            tags=ensure_tags(entry.tags, by=self.by, owner_team=self.run.owner_team, at=self.at),
            name_reason=self.run.name_reason if step.code == SIMILAR_NAME else "",
            by=self.by,
            at=self.at,
        )

    def _publish(self, event: Event, entry: Entry) -> Version:
        parent_id = self.provenance.parent_id(entry)
        if parent_id is None and not self.provenance.has_event(entry):
            # Somebody defined the event before: the import changes that definition.
            parent_id = Event.objects.values_list("newest_version", flat=True).get(pk=event.pk)
        return publish_version(
            event,
            definition=entry.document or {},
            parent=None if parent_id is None else Version.objects.get(pk=parent_id),
            sources=self.sources,
            by=self.by,
            message=f"Imported from {self.run.file_name}, {entry.path}",
            at=self.at,
            origin_version=entry.origin_version,
            is_backfill=self.provenance.is_backfill(entry),
        )

    def _bind_newest(self, event: Event) -> None:
        newest = event.newest_version
        if newest is None:
            return
        for source in self.sources:
            earlier = Binding.objects.filter(event=event, source=source, since_at=BASELINE_START, ended_at=None)
            for version_id in set(earlier.exclude(version=newest).values_list("version", flat=True)):
                version = event.versions.get(pk=version_id)
                end_bindings(event, version, source, by=self.by, at=self.at)
            bind_source(
                event, newest, source, environments=tuple(Environment), since_at=BASELINE_START, by=self.by, at=self.at
            )

    def _apply_origin_status(self, event: Event, entry: Entry) -> None:
        """Apply the status that the origin gives the event's newest version; only traffic makes an event live."""
        if self.provenance.by_key[entry.key].version_id != event.newest_version_id:
            return
        apply_imported_status(
            event, is_deprecated=entry.status == Status.DEPRECATED, imported_by=self.run, by=self.by, at=self.at
        )


def _error_message(refusal: Exception) -> str:
    if isinstance(refusal, InvalidDefinition):
        return " ".join(problem.detail for problem in refusal.problems)
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
