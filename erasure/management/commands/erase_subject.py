"""Erases what is kept of one user or device, and prints a receipt."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.history import OwnerRoleRequired
from catalog.contract.json.storage_encoding import storable_text
from erasure.choices import SubjectKind
from erasure.receipt import Receipt
from erasure.service import erase_subject
from erasure.subject import MIN_DISTINCTIVE_LENGTH, Subject, UnusableId
from pages.terminal_text import printable

MAX_REASON_LENGTH = 1_000
STILL_ARRIVING = 3
"""The exit code where it has to be run again."""


class Command(BaseCommand):
    """Exits with 0 where all is erased or nothing was found, 1 where it was refused, and 3 to be run again."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the id, what it is the id of, and why it is erased."""
        parser.add_argument("id", metavar="ID", help="The id as SDKs send it. One that begins with - stands after --")
        parser.add_argument(
            "--kind",
            choices=SubjectKind.values,
            default=SubjectKind.ANY.value,
            help="Whether it is the id of a user or of a device; by default it is looked for as both",
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help="Why, for the receipt; without the id itself")

    def handle(self, *args: Any, id: str, kind: str, reason: str, **options: Any) -> None:
        """Erase it. Raises CommandError with a sentence."""
        try:
            subject = Subject(id, SubjectKind(kind))
        except UnusableId as error:
            raise CommandError(str(error)) from error
        try:
            reason = _checked_reason(reason, subject)
            receipt = erase_subject(subject, reason=reason)
        except OwnerRoleRequired as error:
            raise CommandError(str(error)) from error
        self._print(receipt, subject.kind, reason)
        if not receipt.is_complete:
            raise CommandError(
                "Its events were still arriving, or something that began before has not ended yet. Stop what sends "
                "them, and run this again.",
                returncode=STILL_ARRIVING,
            )

    def _print(self, receipt: Receipt, kind: SubjectKind, reason: str) -> None:
        for what, count in sorted(receipt.erased.items()):
            self.stdout.write(f"{count:>9,}  {what}")
        self.stdout.write("Erased." if receipt.erased else "Nothing found.")
        if receipt.remaining is None:
            self.stdout.write(
                f"An id of fewer than {MIN_DISTINCTIVE_LENGTH} characters was looked for only where ids stand."
            )
        elif receipt.remaining:
            self.stdout.write("These characters still stand, also within others, in what is not rewritten:")
            for where, count in receipt.remaining.items():
                self.stdout.write(f"{count:>9,}  {where}")
        self.stdout.write(
            f"Receipt {receipt.receipt_id} of {receipt.at:%Y-%m-%d %H:%M:%S} UTC: {kind.label.lower()}; "
            f"reason: {printable(reason) or 'none given'}. It is in history, subject “erasure”."
        )


def _checked_reason(reason: str, subject: Subject) -> str:
    """Return the reason as it may stand in history. Raises CommandError where it is too long or says the id."""
    reason = storable_text(reason).strip()
    if len(reason) > MAX_REASON_LENGTH:
        raise CommandError(f"A reason has at most {MAX_REASON_LENGTH:,} characters.")
    if re.search(rf"(?<!\w){re.escape(subject.id)}(?!\w)", reason, re.IGNORECASE):
        raise CommandError("The reason names the id, and a receipt stays. Write it without.")
    return reason
