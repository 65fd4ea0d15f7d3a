"""What the lint finds in a draft: in its definitions, and in the days that it names."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec import convert

from catalog.contract import (
    Authorship,
    LintIssue,
    LintSeverity,
    PlannedDates,
    find_problems,
    json_equal,
    lint_dates,
    lint_definition,
)
from catalog.models import Version
from tracking.requests.choices import Lane
from tracking.requests.models import Change, Request


def lint_change(change: Change) -> list[LintIssue]:
    """Return what the lint finds in a change's definition; nothing where it has none or does not compile."""
    return lint_draft(change.definition, base=change.base, change=change) if change.is_defining else []


def lint_draft(document: dict[str, Any], *, base: Version | None, change: Change | None) -> list[LintIssue]:
    """Return what the lint finds in a definition that somebody writes; nothing where it does not compile.

    All notes is what the version has already that it builds on, and what an import brought of the change that is
    edited (None for a new one) as long as nobody touches it: what a person writes anew counts, whoever began the draft.
    """
    if find_problems(document):
        return []
    imported = change.imported_definition if change is not None else None
    if imported is not None and json_equal(document, imported):
        return lint_definition(document, authorship=Authorship.IMPORTER)
    return lint_definition(document, parent=base.definition if base is not None else None, imported=imported)


def lint_issues(change: Change, *, is_preview: bool) -> list[LintIssue]:
    """Return the issues of a change: for a preview as they were stored with its last edit, else found anew."""
    if is_preview:
        return convert(change.lint, list[LintIssue])
    return lint_change(change)


def lint_request_dates(request: Request, changes: Iterable[Change], *, today: date) -> list[LintIssue]:
    """Return what the lint finds in the days that a request with these changes names.

    Where events only end, nothing is left to review: the review date does not count.
    """
    return lint_dates(
        PlannedDates(
            today=today,
            review_by=None if request.lane == Lane.RETIRING else request.review_by,
            ends_on=tuple((change.name, change.ends_on) for change in changes if change.ends_on is not None),
        )
    )


def issues_of(issues: Iterable[LintIssue], severity: LintSeverity) -> list[LintIssue]:
    """Return the issues of one severity, in their order."""
    return [issue for issue in issues if issue.severity is severity]
