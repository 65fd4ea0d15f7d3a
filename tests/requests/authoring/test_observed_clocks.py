"""What shows that an event flows already: neither history nor what cannot be dated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Source
from tests.factories.catalog import SourceFactory
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, RequestLifecycle, TeamFixture, ingest, ingest_proof
from tracking.requests.choices import Lane, RequestState
from tracking.requests.evidence.current_app_versions import current_app_versions
from tracking.requests.evidence.observed_traffic import missing_observations
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import Rollup, TrafficCount

pytestmark = pytest.mark.django_db

NAME = "Order Completed"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

PROVES_NOTHING = [
    pytest.param({"waited": 40 * DAY}, id="from long ago"),
    pytest.param({"clock_error": 3 * 365 * DAY}, id="from years to come"),
    pytest.param({"is_history": True}, id="history of now"),
    pytest.param({"is_history": True, "waited": 5 * DAY}, id="history of last week"),
]


@pytest.fixture
def members() -> TeamFixture:
    return TeamFixture.create()


@pytest.fixture
def source(members: TeamFixture) -> Source:
    return SourceFactory.create(owner_team=members.team)


@pytest.fixture
def hour() -> datetime:
    """The beginning of an hour that is over."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)


def send(source: Source, count: int, at: datetime, **options: Any) -> None:
    ingest(source, NAME, [VALID_PAYLOAD] * count, at=at, **{"person_ids": range(1, 9), "interval": MINUTE} | options)


def unmet_traffic(lifecycle: RequestLifecycle, at: datetime | None = None) -> list[str]:
    change = lifecycle.change
    rows = missing_observations(change, expected_per_day=None, at=at or timezone.now())
    return [row.detail for row in rows if row.code == "traffic"]


@pytest.mark.parametrize("options", PROVES_NOTHING)
def test_it_is_none_of_the_events_that_show_it(members: TeamFixture, source: Source, options: dict[str, Any]) -> None:
    start = timezone.now() - 2 * timedelta(hours=1)
    send(source, 40, start, **options)
    # A few that do count, so that samples of many people are kept.
    send(source, 8, start)
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    for _folded in range(2):
        assert any("8 times in production" in detail for detail in unmet_traffic(lifecycle))
        fold_deltas()


@pytest.mark.parametrize("options", PROVES_NOTHING)
def test_it_makes_the_time_that_shows_it_no_longer(
    members: TeamFixture, source: Source, hour: datetime, options: dict[str, Any]
) -> None:
    send(source, 40, hour + 10 * MINUTE, interval=timedelta(seconds=1))
    send(source, 2, hour - 2 * DAY, **options)
    send(source, 2, hour + 59 * MINUTE, interval=timedelta(seconds=1), **options)
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    for _folded in range(2):
        assert any("spans less than" in detail for detail in unmet_traffic(lifecycle))
        fold_deltas()


def test_a_repeat_makes_it_no_longer_either(members: TeamFixture, source: Source, hour: datetime) -> None:
    send(source, 40, hour + 10 * MINUTE, interval=timedelta(seconds=1))
    fold_deltas()
    Rollup.objects.update(repeats=1, last_seen=hour + 59 * MINUTE)
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    assert any("spans less than" in detail for detail in unmet_traffic(lifecycle))


@pytest.mark.parametrize("options", PROVES_NOTHING)
def test_beside_it_what_flows_still_shows_it(members: TeamFixture, source: Source, options: dict[str, Any]) -> None:
    ingest_proof(source, NAME, since=timezone.now() - 50 * MINUTE)
    send(source, 5, timezone.now() - 10 * MINUTE, **options)
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    assert (lifecycle.request.lane, lifecycle.request.state) == (Lane.DOCUMENTING, RequestState.LIVE)


def test_counts_of_before_the_column_show_it_as_they_did(members: TeamFixture, source: Source) -> None:
    ingest_proof(source, NAME, since=timezone.now() - 50 * MINUTE)
    fold_deltas()
    assert set(TrafficCount.objects.values_list("undated", flat=True)) == {0}
    assert unmet_traffic(RequestFactory.draft(members=members, sources=[source])) == []


def test_history_runs_nowhere(source: Source) -> None:
    ingest(source, NAME, [VALID_PAYLOAD], app_version="9.0.0", is_history=True)
    for _folded in range(2):
        assert current_app_versions([source])[source.pk].production == ""
        fold_deltas()
    ingest(source, NAME, [VALID_PAYLOAD], app_version="4.14.0")
    assert current_app_versions([source])[source.pk].production == "4.14.0"
