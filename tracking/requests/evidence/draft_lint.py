"""What the lint finds in a draft: in its definitions, and in the days that it names."""

from collections.abc import Iterable
from datetime import date

from catalog.contract import (
    Authorship,
    LintIssue,
    LintSeverity,
    PlannedDates,
    find_problems,
    lint_dates,
    lint_definition,
)
from tracking.requests.choices import Lane, RequestOrigin
from tracking.requests.models import Change, Request


def lint_change(change: Change) -> list[LintIssue]:
    """Return what the lint finds in a change's definition; nothing where it has none or does not compile.

    What an import brought is all notes, and so is what the version has already that it builds on.
    """
    if not change.is_defining or find_problems(change.definition):
        return []
    is_imported = change.request.origin == RequestOrigin.IMPORT
    return lint_definition(
        change.definition,
        authorship=Authorship.IMPORTER if is_imported else Authorship.PERSON,
        parent=change.base.definition if change.base is not None else None,
    )


def lint_issues(change: Change, *, is_preview: bool) -> list[LintIssue]:
    """Return the issues of a change: for a preview as they were stored with its last edit, else found anew."""
    if is_preview:
        return [LintIssue(**issue | {"severity": LintSeverity(issue["severity"])}) for issue in change.lint]
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
