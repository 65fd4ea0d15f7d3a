"""The measured way, small: real processes, a worker ended with -9, and every event counted once or no figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.growth.growth_table import Growth, GrowthSize, measure_growth
from benchmarks.load.plan import Sent
from benchmarks.machine.postgres import NotDurable, measured_postgres, read_postgres
from benchmarks.pipeline.catalog_setup import make_catalog, open_deliveries
from benchmarks.pipeline.counted import NotExact
from benchmarks.pipeline.ladder import STEPS, Size, measure_ladder, measure_step
from benchmarks.pipeline.ladder_table import MINUTE_HEAD, is_reached, minute_line
from benchmarks.pipeline.measured_installation import MeasuredInstallation
from benchmarks.pipeline.run import Figures, Run
from benchmarks.taps import TapsSize, measure, measure_taps
from benchmarks.workload.definitions import real_definitions
from benchmarks.workload.sdk_events import sdks
from benchmarks.workload.traffic import make_traffic
from tracking.requests.models import Evidence
from tracking.traffic.models import InboxBatch

DEFINITIONS = 12
REQUESTS = 40

processes = pytest.mark.usefixtures("short_leases")


@pytest.fixture
def short_leases(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed worker held is free again soon."""
    monkeypatch.setenv("INBOX_LEASE_SECONDS", "1")


@pytest.mark.kill
@pytest.mark.timeout(300)
@processes
def test_a_step_has_its_figures_with_every_event_counted_once(tmp_path: Path) -> None:
    definitions = real_definitions(DEFINITIONS)
    setup = make_catalog(definitions)
    assert open_deliveries(setup) == 2
    traffic = make_traffic(definitions, setup.keys, requests=REQUESTS)
    size = Size(probe_seconds=0.2, seconds=2, rate=1_000)
    found = measure_step(STEPS[-1], size, traffic, read_postgres(), tmp_path)
    minute = found.minute
    assert minute is not None and minute.sent.repeats == minute.sent.requests // 20
    assert found.probe.events > 0 and Evidence.objects.exists()
    assert set(minute.processor) >= {"generator", "collector", "workers"}
    assert min(minute.processor.values()) > 0
    assert minute.sent_seconds <= (minute.checked_seconds or 0) <= (minute.folded_seconds or 0)
    line = minute_line("evidence", 25_000, 1_000, minute)
    assert "25,000 (not reached)" in line and line.count("|") == MINUTE_HEAD.splitlines()[-1].count("|")


@pytest.mark.timeout(300)
@processes
def test_what_is_only_stored_is_told_when_it_is_not(tmp_path: Path) -> None:
    definitions = real_definitions(DEFINITIONS)
    traffic = make_traffic(definitions, make_catalog(definitions).keys, requests=REQUESTS)
    with MeasuredInstallation(tmp_path, recorders=None) as installation:
        run = Run(installation, traffic, read_postgres(), tmp_path / "requests", is_counted=False)
        figures = run.measure(seconds=60, requests=10)
        assert figures.events == 500 and "workers" not in figures.processor
        InboxBatch.objects.order_by("-id")[:1].get().delete()
        with pytest.raises(NotExact, match="holds 450 events, 500 were sent"):
            run.require_stored()


@pytest.mark.timeout(300)
@processes
def test_taps_are_timed_while_events_flow(tmp_path: Path) -> None:
    size = TapsSize(taps=2, flow_seconds=3, flow=200, definitions=DEFINITIONS, requests=REQUESTS)
    alone, in_flow = measure(tmp_path, size, read_postgres())
    assert len(alone) == 2 and in_flow and min(alone + in_flow) > 0


@pytest.mark.django_db
def test_it_grows_point_by_point() -> None:
    size = GrowthSize(definitions=(2, 4), properties=(1, 3), broken=(0, 100), sources=(1, 3), bodies=2)
    points = list(Growth(size, read_postgres(), sdks()["python"]).points())
    assert [(point.axis, point.value) for point in points] == [
        *(("definitions", 2), ("definitions", 4), ("properties of each", 1), ("properties of each", 3)),
        *(("% broken", 0), ("% broken", 100), ("sources", 1), ("sources", 3)),
    ]
    assert all(point.core > 0 and point.cost.python > 0 for point in points)
    assert [point.cost.events for point in points] == [100] * 7 + [150]


@pytest.mark.django_db
def test_nothing_is_measured_as_durable_that_is_not() -> None:
    if read_postgres().is_durable:  # somebody's own server
        assert measured_postgres(is_durable=True).is_durable
        return
    assert measured_postgres(is_durable=False).weaknesses
    for measured in (measure_taps, measure_growth, lambda: measure_ladder(Size())):
        with pytest.raises(NotDurable, match="fsync is off"):
            measured()


def figures(*, events: int, sent: float, checked: float) -> Figures:
    answers = Sent(1, 0, 0, sent, 0.0, 0.0, 0.1, {200: 1}, {})
    return Figures(answers, events, sent, checked, checked, {"collector": 1.0}, 0)


@pytest.mark.parametrize(
    ("events", "sent", "checked", "is_kept"),
    [(6_000, 60, 60.4, True), (5_950, 60, 60.4, True), (5_900, 60, 60, False), (6_000, 60, 62.5, False)],
)
def test_an_aim_is_reached_by_what_was_sent_and_checked_in_time(
    events: int, sent: float, checked: float, is_kept: bool
) -> None:
    assert is_reached(100, figures(events=events, sent=sent, checked=checked)) is is_kept
