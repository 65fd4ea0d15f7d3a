"""The days that a request names: when somebody reviews it, and when its events end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.contract.lint.lint_rule import LintMatch, LintRule, LintSeverity, LintText

FARTHEST = timedelta(days=10 * 365 + 3)  # with the leap days that ten years may have
"""A day later than this is most likely a typing error."""


@dataclass(frozen=True, slots=True)
class PlannedDates:
    """The days as they are planned. `ends_on` holds the end of each event that ends, by its name."""

    today: date
    review_by: date | None = None
    ends_on: tuple[tuple[str, date], ...] = ()


def _useless_review_date(dates: PlannedDates) -> Iterator[LintMatch]:
    review_by = dates.review_by
    if review_by is not None and review_by <= dates.today:
        detail = f"The review date {review_by} is not to come: nobody would be asked. Choose a later day."
        yield LintMatch(path="/review_by", detail=detail, subject=review_by.isoformat())


def _useless_end_date(dates: PlannedDates) -> Iterator[LintMatch]:
    for name, day in dates.ends_on:
        if day < dates.today:
            detail = f"{name} would have ended on {day}, which is over. Choose the day until which it may still come."
            yield LintMatch(path="/ends_on", detail=detail, subject=day.isoformat())


def _distant_date(dates: PlannedDates) -> Iterator[LintMatch]:
    days = [("/review_by", "The review date", dates.review_by)]
    days += [("/ends_on", f"The end of {name}", day) for name, day in dates.ends_on]
    for path, label, day in days:
        if day is not None and day - dates.today > FARTHEST:
            yield LintMatch(
                path=path, detail=f"{label}, {day}, is more than ten years away. Is it right?", subject=day.isoformat()
            )


REVIEW_DATE = LintRule(
    code="review_date",
    severity=LintSeverity.ERROR,
    check=_useless_review_date,
    text=LintText(
        what="A review date that is not to come.",
        bad='{"today": "2026-03-01", "review_by": "2026-02-01"}',
        good='{"today": "2026-03-01", "review_by": "2026-09-01"}',
    ),
)
END_DATE = LintRule(
    code="end_date",
    severity=LintSeverity.ERROR,
    check=_useless_end_date,
    text=LintText(
        what="An end date that is over already.",
        bad='{"today": "2026-03-01", "ends_on": "2026-02-28"}',
        good='{"today": "2026-03-01", "ends_on": "2026-06-30"}',
    ),
)
DISTANT_DATE = LintRule(
    code="distant_date",
    severity=LintSeverity.WARNING,
    check=_distant_date,
    text=LintText(
        what="A review or end date that is more than ten years away.",
        bad='{"today": "2026-03-01", "review_by": "2206-09-01"}',
        good='{"today": "2026-03-01", "review_by": "2026-09-01"}',
    ),
)
