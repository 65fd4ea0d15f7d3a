"""Times and numbers as people say them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from pages.ui import humanize
from tests.pages.rendered_parts import NOW, render


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(minutes=-59, seconds=-59), "59 minutes ago"),
        (timedelta(hours=-23), "23 hours ago"),
        (timedelta(days=-30), "30 days ago"),
        (timedelta(days=-31), "7 Feb"),
        (timedelta(days=-400), "3 Feb 2025"),
        (timedelta(seconds=5), "in a moment"),
        (timedelta(days=2), "in 2 days"),
    ],
)
def test_times_are_said_as_people_say_them(distance: timedelta, said: str):
    assert humanize.relative_time(NOW + distance, NOW) == said


@pytest.mark.parametrize(("days", "said"), [(-1, "yesterday"), (0, "today"), (1, "tomorrow"), (-4, "4 days ago")])
def test_days_are_said_as_people_say_them(days: int, said: str):
    assert humanize.relative_day(date(2026, 3, 10) + timedelta(days=days), NOW) == said


def test_a_time_carries_its_exact_value():
    html = render("{% when at %}", at=NOW)
    assert 'datetime="2026-03-10T12:00:00+00:00"' in html
    assert 'title="2026-03-10 12:00:00 UTC"' in html
    assert "never" in render("{% when None %}")


@pytest.mark.parametrize(
    ("zone", "exact", "shown"),
    [
        ("Asia/Tokyo", "2026-03-10 21:00:00 Asia/Tokyo", "10 Mar 2026, 21:00:00"),
        ("Pacific/Auckland", "2026-03-11 01:00:00 Pacific/Auckland", "11 Mar 2026, 01:00:00"),
    ],
)
def test_a_time_and_its_exact_value_are_in_one_zone(zone: str, exact: str, shown: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW.replace(year=2027))
    with timezone.override(zone):
        html = render('{% when at "time" %}', at=NOW)
        assert f'title="{exact}"' in html
        assert f">{shown}<" in html
        assert f">{shown.partition(',')[0]}<" in render('{% when at "date" %}', at=NOW)


@pytest.mark.parametrize(
    ("value", "plain", "short"),
    [
        (0, "0", "0"),
        (9_999, "9\u202f999", "9\u202f999"),
        (12_345, "12\u202f345", "12.3\u202fk"),
        (-1_500_000, "−1\u202f500\u202f000", "−1.5\u202fM"),
    ],
)
def test_numbers(value: int, plain: str, short: str):
    assert humanize.format_number(value) == plain
    assert humanize.format_compact(value) == short
    assert f'title="{value}"' in render("{% number value %}", value=value)
