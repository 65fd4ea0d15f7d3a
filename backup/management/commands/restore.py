"""Fills an empty installation from a file that `backup` wrote, all or nothing, and verifies it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backup.archive.manifest import Manifest
from backup.backup_errors import BackupError
from backup.key_fingerprint import has_fingerprint
from backup.restoring.restoration import restore_backup
from backup.verification.sample_recheck import recheck_samples

MAX_CHANGED_NAMED = 20


class Command(BaseCommand):
    """Restore, and check a sample of the events again."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file."""
        parser.add_argument("file", type=Path, help="a file that `backup` wrote")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Do it. Raises CommandError where it cannot be done: the installation is as empty as before then."""
        try:
            manifest = restore_backup(file, report=self.stdout.write)
        except BackupError as error:
            raise CommandError(f"{error}") from error
        self.stdout.write(
            f"Restored: {manifest.rows:,} rows in {len(manifest.tables)} tables, as they were on "
            f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC. Counts, checksums and references are those of the backup."
        )
        self._recheck()
        self._compare_keys(manifest)

    def _recheck(self) -> None:
        recheck = recheck_samples()
        if not recheck.total:
            self.stdout.write("There is no event to check again.")
            return
        self.stdout.write(
            f"Checked {recheck.total} kept events again: {recheck.same} have the same verdict, "
            f"{len(recheck.changed)} another, of {recheck.hidden} a mask hides it."
        )
        for changed in recheck.changed[:MAX_CHANGED_NAMED]:
            self.stdout.write(self.style.WARNING(f"  {changed}"))
        if len(recheck.changed) > MAX_CHANGED_NAMED:
            self.stdout.write(f"  and {len(recheck.changed) - MAX_CHANGED_NAMED} more")

    def _compare_keys(self, manifest: Manifest) -> None:
        if has_fingerprint(settings.SECRET_KEY, manifest.id, manifest.key_fingerprint):
            return
        self.stderr.write(
            self.style.WARNING(
                "SECRET_KEY here is not the one that the backup was made beside. Ids of people, devices and events "
                "counted so far are strangers to those that come, so people count twice and repeats are not seen. "
                "Before anything arrives, set SECRET_KEY to the old one (of `make run`: .signalbook/secret.key)."
            )
        )
