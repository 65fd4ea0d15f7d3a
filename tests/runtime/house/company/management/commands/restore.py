"""Fills the small database from a file."""

from pathlib import Path

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Keep what the file says, once."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        """Keep it. Raises CommandError where there is something already."""
        if not cache.add("loads", int(file.read_text()), timeout=None):
            raise CommandError("This installation is not empty.")
        self.stdout.write("Restored: what the file says")
