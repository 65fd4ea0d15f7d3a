"""Importing as a request: the entries of another tool's dictionary become one draft, and each has an outcome."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.permissions import Forbidden
from catalog.choices import ImportOutcome, ImportState
from catalog.contract import ComparisonOutcome, compare_for_all_sources
from catalog.exchange.entry import Entry
from catalog.exchange.import_plan import SIMILAR_NAME, ImportPlan, PlannedEntry
from catalog.exchange.upload import Upload, UploadError
from catalog.models import Event, ImportRun, Source
from catalog.services.imports.import_provenance import Provenance, record_outcome
from catalog.services.imports.import_runs import (
    fail_import,
    finish_import,
    lock_imports_for_transaction,
    plan_import,
    run_baseline_import,
)
from tracking.requests.authoring.draft_editing import create_request, write_change
from tracking.requests.choices import ChangeAction, RequestOrigin
from tracking.requests.models import Change, Request
from tracking.requests.workflow.delivery_planning import plan_request

IMPORT_FAILURE_MESSAGE = (
    "The import stopped for a reason of ours. What it had written stays; import the file again to go on."
)


def run_import(run: ImportRun, *, upload: Upload | None = None, at: datetime | None = None) -> ImportRun:
    """Carry out an import as its uploader chose: a dry run or a baseline by the catalog, else as a request.

    Returns the run as it ended. A run that has ended is left alone. Whatever was not foreseen is raised, after the run
    has been marked as failed with a sentence; what is not allowed fails it with the reason.
    """
    try:
        if run.is_dry_run or run.is_baseline:
            return run_baseline_import(run, upload=upload, at=at)
        request_from_import(run, upload=upload, at=at)
    except Forbidden as error:
        return fail_import(run, str(error))
    except Exception:
        fail_import(run, IMPORT_FAILURE_MESSAGE)
        raise
    run.refresh_from_db()
    return run


@transaction.atomic
def request_from_import(run: ImportRun, *, upload: Upload | None = None, at: datetime | None = None) -> Request | None:
    """Draft one request with a change for each event of an upload, by whoever started it; None where nothing changes.

    Every entry gets a row with its outcome. Of several versions of one event the newest is asked for; the older ones
    come with a baseline alone. What an open request asks for already is left alone, so a second time changes
    nothing. A damaged upload ends the run as failed, with a sentence.
    """
    lock_imports_for_transaction()
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("created_by", "owner_team").get(pk=run.pk)
    if run.state in (ImportState.DONE, ImportState.FAILED):
        return None
    moment = at or timezone.now()
    try:
        planned, provenance = plan_import(run, upload)
    except UploadError as error:
        finish_import(run, error=str(error))
        return None
    request = _ImportDraft(run, provenance, moment).draft(planned)
    finish_import(run)
    return request


class _ImportDraft:
    """The writing of one request."""

    def __init__(self, run: ImportRun, provenance: Provenance, at: datetime) -> None:
        self.run, self.provenance, self.at = run, provenance, at
        self.sources = list(run.sources.order_by("pk"))
        self.request: Request | None = None

    def draft(self, planned: ImportPlan) -> Request | None:
        newest = {(step.entry.call, step.entry.name): step for step in planned.ordered_writes()}
        newest_step_ids = {id(step) for step in newest.values()}
        already_requested = self._already_requested()
        importable_step_ids = {id(step) for step in planned.ordered_writes()}
        for step in planned.entries:
            if id(step) not in importable_step_ids:
                provenance_entry = self.provenance.by_key.get(step.entry.key)
                ids = (provenance_entry.event_id, provenance_entry.version_id) if provenance_entry else (None, None)
                record_outcome(self.run, step, event_id=ids[0], version_id=ids[1])
            elif id(step) not in newest_step_ids:
                reason = "An older version: a request asks for the newest one. A baseline takes them all."
                record_outcome(self.run, step, outcome=ImportOutcome.SKIPPED, reason=reason)
            elif (step.entry.key, bytes(step.entry.content_hash)) in already_requested:
                reason = "An open request asks for this already."
                record_outcome(self.run, step, outcome=ImportOutcome.UNCHANGED, reason=reason)
            else:
                self._request_entry(step)
        if self.request is not None:
            self._finish(self.request)
        return self.request

    def _already_requested(self) -> set[tuple[tuple[str, str, str, str], bytes]]:
        """Return what open requests of earlier imports of this format ask for."""
        changes = Change.objects.filter(
            import_entry__run__format=self.run.format, request__in=Request.objects.all().open()
        )
        return {
            ((self.run.format, call, name, origin), bytes(digest or b""))
            for call, name, origin, digest in changes.values_list(
                "import_entry__call", "import_entry__name", "import_entry__origin_version", "import_entry__content_hash"
            )
        }

    def _request_entry(self, step: PlannedEntry) -> None:
        entry = step.entry
        event = Event.objects.named(entry.call, entry.name).select_related("newest_version").first()
        if event is not None and self._is_already_defined(event, entry):
            record_outcome(self.run, step, outcome=ImportOutcome.UNCHANGED, event=event, version=event.newest_version)
            return
        row = record_outcome(self.run, step, event=event)
        write_change(
            self._ensure_request(),
            ChangeAction.CREATE if event is None else ChangeAction.UPDATE,
            event,
            {
                "definition": entry.document or {},
                "sources": self._sources(event),
                "name_reason": self.run.name_reason if step.code == SIMILAR_NAME else "",
            },
            import_entry=row,
        )

    def _is_already_defined(self, event: Event, entry: Entry) -> bool:
        newest = event.newest_version
        if (
            newest is None
            or compare_for_all_sources(newest.definition, entry.document or {}).outcome != ComparisonOutcome.EQUAL
        ):
            return False
        return set(self.sources) <= set(Source.objects.filter(versions__version=newest))

    def _sources(self, event: Event | None) -> Iterator[Source]:
        """The run's sources, and those that the event is on anyway."""
        known = Source.objects.filter(versions__version=event.newest_version) if event and event.newest_version else ()
        return iter({source.pk: source for source in (*self.sources, *known)}.values())

    def _ensure_request(self) -> Request:
        if self.request is None:
            self.request = create_request(
                by=self.run.created_by,
                at=self.at,
                origin=RequestOrigin.IMPORT,
                title=f"Import of {self.run.file_name}"[:200],
                team=self.run.owner_team,
            )
        return self.request

    def _finish(self, request: Request) -> None:
        plan_request(request, at=self.at)
        record(
            by=self.run.created_by,
            subject_type="request",
            subject_id=request.pk,
            action="imported",
            message=self.run.file_name,
            evidence={"import": self.run.pk, "changes": request.changes.count()},
            at=self.at,
        )
