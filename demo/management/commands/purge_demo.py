"""Removes the demo company, or with --tour only what the guided tour left; what you made yourself stays."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.credentials import refresh_keys
from demo.removal.demo_purge import purge_company, purge_tour
from demo.removal.row_removal import DeletionCounts


class Command(BaseCommand):
    """Remove every sample and print a receipt."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for a yes, and whether it is the tour alone."""
        parser.add_argument("--yes", action="store_true", help="I know that this cannot be undone.")
        parser.add_argument(
            "--tour",
            action="store_true",
            help="Remove only what the tour's shop sent, its deploys, its requests and the events that they created.",
        )

    def handle(self, *args: Any, yes: bool = False, tour: bool = False, **options: Any) -> None:
        """Remove them. Raises CommandError for the whole company without --yes; the tour can be walked again."""
        if tour:
            self._print_counts(
                purge_tour(), "The tour begins anew. Accounts and keys stay.", "The tour had left nothing."
            )
            return
        if not yes:
            raise CommandError("This removes every sample and cannot be undone. Say so: manage.py purge_demo --yes")
        receipt = purge_company()
        if settings.IS_DEMO:
            refresh_keys()
        self._print_counts(receipt, "The samples are gone. Accounts and teams stay.", "There were no samples.")

    def _print_counts(self, receipt: DeletionCounts, done: str, nothing: str) -> None:
        for what, count in receipt.items():
            self.stdout.write(f"{count:>9,}  {what}")
        self.stdout.write(done if receipt else nothing)
