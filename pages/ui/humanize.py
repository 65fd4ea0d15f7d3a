"""Times and counts as people say them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

NARROW_SPACE = "\u202f"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# How far from now a time is still said as a distance; beyond that its date says more.
MAX_RELATIVE_DISTANCE = timedelta(days=30)
TIME_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
NUMBER_SUFFIXES = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


def relative_time(at: datetime, now: datetime) -> str:
    """How far `at` is from `now`: "just now", "3 minutes ago", "in 2 days", or a date where it is over 30 days."""
    distance = abs(now - at)
    if distance < MINUTE:
        return "just now" if at <= now else "in a moment"
    if distance > MAX_RELATIVE_DISTANCE:
        return short_date(local_time(at).date(), now)
    words = duration_words(distance)
    return f"{words} ago" if at <= now else f"in {words}"


def duration_words(duration: timedelta) -> str:
    """A duration in its largest whole unit: "12 hours", "14 days"; one below a minute is "0 minutes"."""
    size, unit = next((step for step in TIME_UNITS if duration >= step[0]), TIME_UNITS[-1])
    count = duration // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def relative_day(day: date, now: datetime) -> str:
    """As `relative_time`, for a date without a time: "today", "yesterday", "in 5 days"."""
    days = (day - timezone.localtime(now).date()).days
    named = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in named:
        return named[days]
    if abs(days) > MAX_RELATIVE_DISTANCE.days:
        return short_date(day, now)
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def short_date(day: date, now: datetime) -> str:
    """The date, with its year where that is not this year: "4 Mar", "4 Mar 2024"."""
    words = f"{day.day} {day:%b}"
    return words if day.year == timezone.localtime(now).year else f"{words} {day.year}"


def short_datetime(at: datetime, now: datetime) -> str:
    """The date and the time to the second, in the zone of the person who reads: "4 Mar, 10:02:31"."""
    local = local_time(at)
    return f"{short_date(local.date(), now)}, {local:%H:%M:%S}"


def local_time(at: datetime) -> datetime:
    """A time in the zone of the person who reads; as it is, where the calendar ends before it gets there."""
    try:
        return timezone.localtime(at)
    except OverflowError:
        return at


def exact_time(at: datetime) -> str:
    """The time to the second in the reader's zone, which it names: "2026-03-04 11:02:31 Europe/Vienna"."""
    local = local_time(at)
    zone = timezone.get_current_timezone_name() if local.tzinfo is timezone.get_current_timezone() else local.tzname()
    return f"{local:%Y-%m-%d %H:%M:%S} {zone}"


def format_number(number: float) -> str:
    """The number with a narrow space between each three digits; fractions to two places."""
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.2f}".rstrip("0").rstrip(".")
    return text.replace(",", NARROW_SPACE).replace("-", "−")


def format_compact(number: float) -> str:
    """The number to about three digits: 950, 1.2 k, 48 k, 3.4 M. What is under 10 000 stays whole."""
    if abs(number) < 10_000:
        return format_number(number)
    size, unit = next(step for step in NUMBER_SUFFIXES if abs(number) >= step[0])
    value = number / size
    digits = f"{value:.1f}".removesuffix(".0") if abs(value) < 100 else f"{value:.0f}"
    return f"{digits}{NARROW_SPACE}{unit}".replace("-", "−")
