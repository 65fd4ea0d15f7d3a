"""Reads another tool's dictionary: drafts one request, takes it as the baseline, or only tells what it holds."""

from pathlib import Path
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Team, User
from accounts.permissions import Forbidden
from catalog.choices import ImportOutcome, ImportState
from catalog.code_snippets.literals import escape_invisible
from catalog.exchange.importer_registry import IMPORTERS, detect_importer
from catalog.exchange.upload import Upload, UploadError
from catalog.models import ImportEntry, ImportRun, Source
from catalog.services.imports.import_runs import CUT_OFF_MESSAGE, fail_import, start_import
from tracking.requests.authoring.import_requests import IMPORT_FAILURE_MESSAGE, run_import
from tracking.requests.models import Request

log = structlog.get_logger(__name__)

USABLE = (ImportOutcome.CREATED, ImportOutcome.UPDATED, ImportOutcome.UNCHANGED)
PATH_UPLOAD_PLACEHOLDER = b"(read from a path)"


class Command(BaseCommand):
    help = "Imports definitions from a file, zip or folder: drafts one request, or takes a baseline."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE_OR_FOLDER")
        parser.add_argument("--format", choices=sorted(IMPORTERS), help="Recognised from the files, where not given")
        parser.add_argument("--source", action="append", default=[], metavar="SLUG", help="May be given several times")
        parser.add_argument("--team", metavar="SLUG", help="The team that will own the events")
        parser.add_argument("--by", metavar="USERNAME", help="Who imports; by default the system")
        parser.add_argument("--baseline", action="store_true", help="Take them with all versions, without a request")
        parser.add_argument(
            "--name-reason",
            default="",
            metavar="TEXT",
            help="Why names are needed that read like those of other events; a baseline leaves these out without it",
        )
        parser.add_argument("--dry-run", action="store_true", help="Write nothing, and print what would be done")
        parser.add_argument("--quiet", action="store_true", help="Print the counts and failures alone")

    def handle(self, *args: Any, path: Path, format: str | None, **options: Any) -> None:
        """Print the plan or the result, with every note. Raises CommandError (exit 1) with a sentence."""
        try:
            upload = Upload.from_path(path)
        except UploadError as error:
            raise CommandError(str(error)) from error
        run = self._start(path, format or _detect_format(upload), options)
        try:
            run = run_import(run, upload=upload)
        except Exception as error:
            log.exception("import.failed", run=run.pk)
            raise CommandError(IMPORT_FAILURE_MESSAGE) from error
        except KeyboardInterrupt:
            fail_import(run, CUT_OFF_MESSAGE)
            raise
        if run.state == ImportState.FAILED:
            raise CommandError(run.error)
        self._print(run, is_quiet=options["quiet"])
        failed = run.counts[ImportOutcome.FAILED]
        if failed and not any(run.counts[outcome] for outcome in USABLE):
            raise CommandError("Nothing in it could be imported; the lines above say why.")
        if failed:
            self.stderr.write(f"{failed} entries could not be imported; the lines above say why.")

    def _start(self, path: Path, format: str, options: dict[str, Any]) -> ImportRun:
        try:
            return start_import(
                format=format,
                file_name=path.name or str(path),
                content=PATH_UPLOAD_PLACEHOLDER,
                sources=[_get_by_slug(Source, slug) for slug in options["source"]],
                owner_team=_get_by_slug(Team, options["team"]) if options["team"] else None,
                is_dry_run=options["dry_run"],
                is_baseline=options["baseline"],
                name_reason=options["name_reason"],
                by=_importing_user(options["by"]),
            )
        except (ValidationError, Forbidden) as error:
            detail = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(detail) from error

    def _print(self, run: ImportRun, *, is_quiet: bool) -> None:
        for entry in run.entries.iterator():
            if not is_quiet or entry.outcome == ImportOutcome.FAILED:
                self._print_entry(entry)
        would = "would be " if run.is_dry_run else ""
        for outcome in ImportOutcome:
            if count := run.counts[outcome]:
                self.stdout.write(f"{count:6d} {would}{outcome.label.lower()}")
        if run.is_dry_run:
            self.stdout.write("Nothing was written.")
        elif not run.is_baseline:
            request = Request.objects.filter(changes__import_entry__run=run).first()
            self.stdout.write(f"Drafted: {request.get_absolute_url()}" if request else "Nothing is asked for.")

    def _print_entry(self, entry: ImportEntry) -> None:
        name = f" {escape_invisible(entry.name)} {escape_invisible(entry.origin_version)}".rstrip()
        self.stdout.write(f"{entry.outcome:10}{name or ' -'}  ({escape_invisible(entry.path)})")
        for note in entry.notes:
            where = f" at {escape_invisible(note['where'])}" if note["where"] else ""
            self.stdout.write(f"           {note['code']}{where}: {escape_invisible(note['what'])}")


def _detect_format(upload: Upload) -> str:
    importer = detect_importer(upload)
    if importer is None:
        raise CommandError(f"No known format was found in it. Name one with --format: {', '.join(sorted(IMPORTERS))}.")
    return importer.format


def _get_by_slug(model: type[Source] | type[Team], slug: str) -> Any:
    found = model._default_manager.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no {model._meta.verbose_name} {slug!r}. Check the name, or create it first.")
    return found


def _importing_user(username: str | None) -> User:
    if username is None:
        return User.objects.system()
    person = User.objects.with_username(username).filter(is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody active has the username {username!r}.")
    return person
