"""Writes the whole installation into one file while it goes on working, or checks such a file with --verify."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backup.archive.backup_reader import open_backup
from backup.archive.manifest import Manifest
from backup.backup_errors import BackupError
from backup.dump import create_backup
from backup.verification.file_check import check_file


class Command(BaseCommand):
    """Back up, or verify a file."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, or which."""
        parser.add_argument("path", type=Path, help="a new file, or a folder in which a file with today's date is made")
        parser.add_argument(
            "--verify", action="store_true", help="read that file to its end instead, and say whether it is whole"
        )

    def handle(self, *args: Any, path: Path, verify: bool, **options: Any) -> None:
        """Do it. Raises CommandError where it cannot be done: then there is no new file."""
        try:
            if verify:
                self._verify(path)
            else:
                self._create(path / f"signalbook-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip" if path.is_dir() else path)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"The backup cannot be written: {error.strerror or error}. Nothing of it was kept."
            ) from error

    def _create(self, path: Path) -> None:
        manifest = create_backup(path, report=self.stdout.write)
        self.stdout.write(f"{path}: {path.stat().st_size:,} bytes, in {manifest.seconds:.1f} s")
        self._describe(manifest)

    def _verify(self, path: Path) -> None:
        with open_backup(path) as backup:
            check_file(backup, report=self.stdout.write)
            self.stdout.write(f"{path} is whole.")
            self._describe(backup.manifest)

    def _describe(self, manifest: Manifest) -> None:
        self.stdout.write(
            f"Of {manifest.created_at:%Y-%m-%d %H:%M:%S} UTC, Signalbook {manifest.signalbook} on PostgreSQL "
            f"{manifest.postgresql}: {manifest.rows:,} rows in {len(manifest.tables)} tables."
        )
        for rows in manifest.sensitive:
            self.stdout.write(f"  sensitive: {rows.what} ({rows.rows:,})")
        self.stdout.write("Not in it: SECRET_KEY. Keep that elsewhere; without it, ids counted so far are strangers.")
