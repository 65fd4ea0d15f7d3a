"""Removes the demo company; what you made yourself stays where it does not depend on a sample."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.access import refresh_keys
from demo.purging import purge_company


class Command(BaseCommand):
    """Remove every sample and print a receipt."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for a yes."""
        parser.add_argument("--yes", action="store_true", help="I know that this cannot be undone.")

    def handle(self, *args: Any, yes: bool = False, **options: Any) -> None:
        """Remove them. Raises CommandError without --yes."""
        if not yes:
            raise CommandError("This removes every sample and cannot be undone. Say so: manage.py purge_demo --yes")
        receipt = purge_company()
        if settings.IS_DEMO:
            refresh_keys()
        for what, count in receipt.items():
            self.stdout.write(f"{count:>9,}  {what}")
        self.stdout.write("The samples are gone. Accounts and teams stay." if receipt else "There were no samples.")
