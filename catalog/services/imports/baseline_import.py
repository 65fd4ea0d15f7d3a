"""A baseline: definitions of another tool taken as they stand, with all their versions, without a request."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditions
from catalog.choices import Environment, ImportOutcome, Status
from catalog.contract import InvalidDefinition
from catalog.exchange.entry import Entry
from catalog.exchange.import_plan import Plan, Step
from catalog.models import Binding, Category, Event, ImportRun, Source, Tag, Version
from catalog.services.bindings import BEGINNING, bind, end_bindings
from catalog.services.event_projections import project_status
from catalog.services.events import create_event
from catalog.services.imports.import_provenance import Imported, Provenance, record_outcome, row_key
from catalog.services.versions import publish_version

REFUSALS = (InvalidDefinition, ValidationError, UnmetConditions, Forbidden)
"""What stops one entry and not the import."""


def take_as_baseline(
    run: ImportRun, planned: Plan, provenance: Provenance, *, at: datetime | None = None
) -> Iterator[int]:
    """Write every entry of a plan, one event in one transaction; yield how many entries are done after each.

    The versions of an event are written in the order of their origin, each with its origin's predecessor as
    parent; the newest is bound to the run's sources from the beginning. Entries that this run has recorded
    before it was cut off are passed over.
    """
    recorded = set(run.entries.values_list("path", "call", "name", "origin_version"))
    sources = list(run.sources.all())
    writing = list(planned.in_order())
    written_later = {id(step) for step in writing}
    done = 0
    for step in planned.steps:
        if id(step) not in written_later:
            if row_key(step.entry) not in recorded:
                before = provenance.by_key.get(step.entry.key)
                unchanged = (before.event_id, before.version_id) if before else (None, None)
                record_outcome(run, step, event_id=unchanged[0], version_id=unchanged[1])
            done += 1
    yield done
    for _name, group in groupby(writing, key=lambda step: (step.entry.call, step.entry.name)):
        steps = list(group)
        fresh = [step for step in steps if row_key(step.entry) not in recorded]
        with transaction.atomic():
            _Baseline(run, sources, provenance, at or timezone.now()).write(fresh)
        done += len(steps)
        yield done


class _Baseline:
    """The writing of one event's entries."""

    def __init__(self, run: ImportRun, sources: Sequence[Source], provenance: Provenance, at: datetime) -> None:
        self.run, self.sources, self.provenance, self.at = run, sources, provenance, at
        self.by: User = run.created_by

    def write(self, steps: Sequence[Step]) -> None:
        event: Event | None = None
        for step in steps:
            try:
                with transaction.atomic():
                    event = self._event(step.entry)
                    version = self._publish(event, step.entry)
            except REFUSALS as refusal:
                record_outcome(self.run, step, outcome=ImportOutcome.FAILED, reason=_sentence(refusal))
                continue
            self.provenance.add(step.entry.key, Imported(step.entry.content_hash, version.pk, event.pk))
            record_outcome(self.run, step, event=event, version=version)
        if event is not None and Event.objects.filter(pk=event.pk).exists():
            event.refresh_from_db()
            self._bind_newest(event)
            self._take_status(event, steps[-1].entry)

    def _event(self, entry: Entry) -> Event:
        event = Event.objects.named(entry.call, entry.name).first()
        if event is not None:
            return event
        return create_event(
            name=entry.name,
            call=entry.call,
            owner_team=self.run.owner_team,
            owner_text=entry.owner_text,
            category=_category(entry.category_text),
            tags=_tags(entry.tags),
            by=self.by,
            at=self.at,
        )

    def _publish(self, event: Event, entry: Entry) -> Version:
        parent_id = self.provenance.parent_id(entry)
        if parent_id is None and not self.provenance.knows_name(entry):
            # Somebody defined the event before: the import changes what stands.
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
            is_late=self.provenance.is_late(entry),
        )

    def _bind_newest(self, event: Event) -> None:
        newest = event.newest_version
        if newest is None:
            return
        for source in self.sources:
            earlier = Binding.objects.filter(event=event, source=source, since_at=BEGINNING, ended_at=None)
            for version_id in set(earlier.exclude(version=newest).values_list("version", flat=True)):
                version = event.versions.get(pk=version_id)
                end_bindings(event, version, source, by=self.by, at=self.at)
            bind(event, newest, source, environments=tuple(Environment), since_at=BEGINNING, by=self.by, at=self.at)

    def _take_status(self, event: Event, newest: Entry) -> None:
        """Take over what the origin says: traffic alone makes an event live, but its origin knows what ended."""
        if newest.status not in (Status.DEPRECATED, Status.RETIRED):
            return
        project_status(event, newest.status, by=self.by, at=self.at)
        if newest.status == Status.RETIRED:
            for source in self.sources:
                bind(event, None, source, environments=tuple(Environment), since_at=self.at, by=self.by, at=self.at)


def _category(text: str) -> Category | None:
    slug = slugify(text)[:80]
    if not slug:
        return None
    return Category.objects.get_or_create(slug=slug, defaults={"name": text.strip()[:120]})[0]


def _tags(texts: Sequence[str]) -> list[Tag]:
    by_slug = {slugify(text)[:80]: text.strip()[:80] for text in texts}
    return [Tag.objects.get_or_create(slug=slug, defaults={"name": name})[0] for slug, name in by_slug.items() if slug]


def _sentence(refusal: Exception) -> str:
    if isinstance(refusal, InvalidDefinition):
        return " ".join(problem.detail for problem in refusal.problems)
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
