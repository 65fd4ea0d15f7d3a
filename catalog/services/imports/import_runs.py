"""Imports: a run is started, planned and, as a baseline, carried out; a second time it changes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import Team, User
from accounts.permissions import require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import ImportOutcome, ImportState
from catalog.exchange.entry import Entry
from catalog.exchange.import_plan import ImportPlan, build_import_plan, with_similar_names
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import MAX_TOTAL_BYTES, Upload, UploadError
from catalog.look_alikes import event_names_like, folded_key
from catalog.models import Event, ImportRun, Source, Version
from catalog.services.imports.baseline_import import import_baseline
from catalog.services.imports.import_provenance import Provenance, record_outcome
from catalog.services.imports.imported_status import revert_imported_status
from catalog.services.versions import withdraw_version

IMPORT_LOCK_ID = 7_311_001
"""The advisory lock that lets one import write at a time."""

PROGRESS_INTERVAL = 10
MAX_WAIT = timedelta(days=1)
CUT_OFF_MESSAGE = (
    "The process that carried it out was stopped before it was done. What it had written stays; import the file again "
    "to go on."
)
LOST_MESSAGE = "No worker has begun it for a day. Import the file again."
NAME_REASON_LENGTH = 500


@transaction.atomic
def start_import(
    *,
    format: str,
    file_name: str,
    content: bytes,
    by: User,
    sources: Iterable[Source] = (),
    owner_team: Team | None = None,
    is_dry_run: bool = True,
    is_baseline: bool = False,
    name_reason: str = "",
    at: datetime | None = None,
) -> ImportRun:
    """Store an upload and what is to be done with it. The caller queues the task that runs it, on commit.

    `name_reason` says why names are needed that people read as those of other events; without it a baseline leaves
    these out.
    Raises Forbidden where `by` may not import definitions, or for a baseline not take one for the team;
    ValidationError where the format is unknown or the upload is empty or too large.
    """
    run = ImportRun(
        format=format,
        file_name=file_name[-200:],
        content=content,
        owner_team=owner_team,
        is_dry_run=is_dry_run,
        is_baseline=is_baseline,
        name_reason=name_reason.strip()[:NAME_REASON_LENGTH],
        created_by=by,
    )
    require(by, Capability.IMPORT_RUN, on=run)
    if is_baseline and not is_dry_run:
        require(by, Capability.IMPORT_BASELINE, on=run)
    if format not in IMPORTERS:
        raise ValidationError({"format": f"{format!r} cannot be imported. Choose one of {', '.join(IMPORTERS)}."})
    if not content or len(content) > MAX_TOTAL_BYTES:
        detail = f"Choose a file that is not empty and has at most {MAX_TOTAL_BYTES // 2**20} MB."
        raise ValidationError({"file": detail})
    run.save()
    run.sources.set(sources)
    record(
        by=by,
        subject_type="import",
        subject_id=run.pk,
        action="started",
        message=run.file_name,
        evidence={"format": format, "is_dry_run": is_dry_run, "is_baseline": is_baseline},
        at=at,
    )
    return run


def read_entries(run: ImportRun, upload: Upload | None = None) -> list[Entry]:
    """Return every entry of a run's upload, good or bad. Raises UploadError where the upload itself is damaged.

    `upload` replaces the stored content, for imports from a folder.
    """
    if upload is None:
        upload = Upload.from_bytes(run.file_name, bytes(run.content or b""))
    return list(IMPORTERS[run.format].read(upload))


def plan_import(run: ImportRun, upload: Upload | None = None) -> tuple[ImportPlan, Provenance]:
    """Return what a run would do, entry by entry, and what was imported before it. Raises UploadError."""
    provenance = Provenance.load(run.format)
    planned = build_import_plan(
        read_entries(run, upload), provenance.content_hashes(), owners=provenance.owners(), upload_name=run.file_name
    )
    keys = {folded_key(step.entry.call, step.entry.name) for step in planned.ordered_writes()}
    names = {key: [row.name for row in rows] for key, rows in event_names_like(keys).items()}
    return with_similar_names(planned, names, holds_back=run.is_baseline and not run.name_reason), provenance


def run_baseline_import(run: ImportRun, *, upload: Upload | None = None, at: datetime | None = None) -> ImportRun:
    """Carry out a dry run or a baseline, and return the run as it ended.

    Every entry gets a row with its outcome and notes. A damaged upload ends the run as failed, with a
    sentence. An interrupted run continues where it stopped; one that has ended is not changed. Must not be
    called inside a transaction that should see its progress.
    """
    with _exclusive_import_lock():
        run.refresh_from_db()
        if run.state in (ImportState.DONE, ImportState.FAILED):
            return run
        _update_progress(run, state=ImportState.RUNNING, phase="Reading the upload")
        try:
            planned, provenance = plan_import(run, upload)
        except UploadError as error:
            return finish_import(run, error=str(error))
        _update_progress(run, phase="Writing definitions", done=0, total=len(planned.entries))
        if run.is_dry_run:
            _record_dry_run(run, planned, provenance)
        else:
            for done in import_baseline(run, planned, provenance, at=at):
                if done % PROGRESS_INTERVAL == 0:
                    _update_progress(run, done=done)
        return finish_import(run)


def fail_import(run: ImportRun, error: str) -> ImportRun:
    """End a run that stopped because of an error in Signalbook, with a sentence for people."""
    return finish_import(run, error=error)


def fail_abandoned_imports(*, at: datetime | None = None) -> int:
    """End as failed, with a sentence, every run that no process works on any more, and return how many.

    Whoever carries out a run holds the import lock until the run has ended, and the lock ends with its process. Where
    the lock is free a run that says *running* was therefore cut off: the process was stopped or killed. A run that
    nothing has begun for a day was lost on its way to a worker. Again: changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [IMPORT_LOCK_ID])
        if not cursor.fetchone()[0]:
            return 0  # one is at work; what else was cut off is found when it has ended
    try:
        cut_off = list(ImportRun.objects.filter(state=ImportState.RUNNING).order_by("pk"))
        latest_start = (at or timezone.now()) - MAX_WAIT
        lost = list(ImportRun.objects.filter(state=ImportState.WAITING, created_at__lt=latest_start).order_by("pk"))
        for run in cut_off:
            finish_import(run, error=CUT_OFF_MESSAGE)
        for run in lost:
            finish_import(run, error=LOST_MESSAGE)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [IMPORT_LOCK_ID])
    return len(cut_off) + len(lost)


@transaction.atomic
def revert_import(run: ImportRun, *, by: User, message: str, at: datetime | None = None) -> int:
    """Withdraw every version that a baseline wrote, the newest first, and return how many. Again: changes nothing.

    The events get back the status that they had before it, where people have not decided about them since.
    Waits until no import writes, and makes others wait until the caller's transaction ends. Raises Forbidden where `by`
    may not take a baseline for the run's team, and UnmetConditionsError where the run has not ended or a version from
    elsewhere was built on one of them.
    """
    require(by, Capability.IMPORT_BASELINE, on=run)
    lock_imports_for_transaction()
    run.refresh_from_db(fields=["state"])
    if run.state not in (ImportState.DONE, ImportState.FAILED):
        raise UnmetConditionsError([UnmetCondition("state", "The import has not ended. Take it back when it has.")])
    written_entries = run.entries.filter(outcome__in=(ImportOutcome.CREATED, ImportOutcome.UPDATED))
    versions = list(Version.objects.active().filter(pk__in=written_entries.values("version")).order_by("-pk"))
    if not versions:
        return 0
    for version in versions:
        withdraw_version(version, by=by, message=message, at=at)
    for event in Event.objects.filter(versions__in=versions).distinct().order_by("pk"):
        revert_imported_status(event, run, by=by, at=at or timezone.now())
    record(by=by, subject_type="import", subject_id=run.pk, action="taken back", message=message, at=at)
    return len(versions)


def lock_imports_for_transaction() -> None:
    """Wait until no other import writes, and make others wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK_ID])


def _record_dry_run(run: ImportRun, planned: ImportPlan, provenance: Provenance) -> None:
    """Write what a dry run would do."""
    run.entries.all().delete()
    for step in planned.entries:
        before = provenance.by_key.get(step.entry.key)
        record_outcome(run, step, event_id=before.event_id if before else None)


def _update_progress(run: ImportRun, **fields: object) -> None:
    for field, value in fields.items():
        setattr(run, field, value)
    run.save(update_fields=list(fields))


def finish_import(run: ImportRun, *, error: str = "") -> ImportRun:
    """Count the outcomes of a run's entries, delete its upload, and return the finished run."""
    counts = Counter(run.entries.values_list("outcome", flat=True))
    run.counts = {outcome.value: counts[outcome] for outcome in ImportOutcome}
    run.state = ImportState.FAILED if error else ImportState.DONE
    run.error = error
    run.done = run.entries.count()
    run.phase = ""
    run.content = None
    run.finished_at = timezone.now()
    run.save()
    return run


@contextmanager
def _exclusive_import_lock() -> Iterator[None]:
    """Wait until no other import writes. The lock is the connection's own: it ends with the process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [IMPORT_LOCK_ID])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [IMPORT_LOCK_ID])
