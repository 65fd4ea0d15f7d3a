"""How it grows: definitions, properties, broken events and sources, each alone, as a table and one chart.

`make bench ARGS=growth` runs it. It works in a database of its own, which it makes and drops.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.contract import with_fast_path
from benchmarks.growth.chart import Panel, chart
from benchmarks.growth.check_cost import BATCH, CheckCost, make_bodies, measure_check
from benchmarks.growth.grown_catalog import GrownCatalog
from benchmarks.growth.synthetic import PROPERTIES, synthetic_definition
from benchmarks.machine.hardware import machine
from benchmarks.machine.postgres import Postgres, measured_postgres
from benchmarks.pipeline.scratch_database import scratch_database
from benchmarks.workload.contract_work import Work
from benchmarks.workload.definitions import Document
from benchmarks.workload.sdk_events import Sdk, sdks
from catalog.models import Source

CHART = Path(__file__).parent / "growth.svg"
BROKEN_PERCENT = 5
_AXES = ("definitions", "properties of each", "% broken", "sources")


@dataclass(frozen=True, slots=True)
class GrowthSize:
    """Which points are measured, and over how many bodies of 50 events each at least."""

    definitions: tuple[int, ...] = (10, 100, 1_000, 10_000)
    properties: tuple[int, ...] = (1, 10, 30, 100)
    broken: tuple[int, ...] = (0, 5, 25, 50, 100)
    sources: tuple[int, ...] = (1, 10, 100, 1_000)
    few_definitions: int = 10
    bodies: int = 400


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the table: what was varied, and what an event cost. `core` is the contract core alone."""

    axis: str
    value: int
    core: float
    cost: CheckCost


@dataclass(slots=True)
class Growth:
    """Measures point after point. What is not varied is ten definitions of 12 properties, 5 % broken, one source."""

    size: GrowthSize
    postgres: Postgres
    sdk: Sdk
    catalog: GrownCatalog = field(default_factory=GrownCatalog)
    random: Random = field(default_factory=lambda: Random(1))

    def points(self) -> Iterator[Point]:
        """Measure everything, in the order of the table."""
        size, source = self.size, self.catalog.source("grown")
        definitions, properties, broken, sources = _AXES
        for count in size.definitions:
            yield self._measure(definitions, count, self._defined("Definition", count, [source]), [source])
        for count in size.properties:
            documents = self._defined(f"Wide {count}", size.few_definitions, [source], properties=count)
            yield self._measure(properties, count, documents, [source])
        documents = self._defined("Broken", size.few_definitions, [source])
        for percent in size.broken:
            yield self._measure(broken, percent, documents, [source], broken_share=percent / 100)
        for count in size.sources:
            several = [self.catalog.source(f"source-{number}") for number in range(count)]
            yield self._measure(sources, count, self._defined(f"Of {count}", size.few_definitions, several), several)

    def _defined(
        self, name: str, count: int, sources: Sequence[Source], *, properties: int = PROPERTIES
    ) -> Sequence[Document]:
        documents = [synthetic_definition(name, number, properties) for number in range(count)]
        return self.catalog.define(documents, sources)

    def _measure(
        self,
        axis: str,
        value: int,
        definitions: Sequence[Document],
        sources: Sequence[Source],
        *,
        broken_share: float = BROKEN_PERCENT / 100,
    ) -> Point:
        count = max(self.size.bodies, len(sources))
        first, measured = (
            make_bodies(definitions, self.sdk, bodies=count, broken_share=broken_share, random=self.random)
            for _ in range(2)
        )
        measure_check(first, sources, self.postgres)  # what is loaded and compiled once
        cost = measure_check(measured, sources, self.postgres)
        return Point(axis, value, self._core_cost(definitions, measured), cost)

    def _core_cost(self, definitions: Sequence[Document], bodies: Sequence[bytes]) -> float:
        """Return the processor microseconds of an event in the contract core, with all its duties."""
        run = with_fast_path(Work(tuple(definitions), tuple(bodies)))
        run()
        used = time.process_time()
        run()
        return (time.process_time() - used) * 1e6 / (len(bodies) * BATCH)


def measure_growth(size: GrowthSize | None = None, *, is_durable: bool = True, chart_file: Path = CHART) -> None:
    """Print what it was measured on and the table, and draw the chart."""
    postgres = measured_postgres(is_durable=is_durable)
    with scratch_database():
        print(f"{machine()}\n{postgres}\n")
        print("| varied | | contract core µs | check: Python µs | check: PostgreSQL µs | events a second |")
        print("|---|---:|---:|---:|---:|---:|")
        points = []
        for point in Growth(size or GrowthSize(), postgres, sdks()["python"]).points():
            points.append(point)
            print(_line(point), flush=True)
    chart_file.write_text(chart([_panel(axis, points) for axis in _AXES], title="Processor time of a check, by event"))
    print(f"\nThe chart is {chart_file.name}.")


def _line(point: Point) -> str:
    cost = point.cost
    database = "" if cost.postgres is None else f"{cost.postgres:.1f}"
    return (
        f"| {point.axis} | {point.value:,} | {point.core:.1f} | {cost.python:.1f} | {database} "
        f"| {cost.events / cost.seconds:,.0f} |"
    )


def _panel(axis: str, points: Sequence[Point]) -> Panel:
    own = [point for point in points if point.axis == axis]
    return Panel(
        axis,
        [f"{point.value:,}" for point in own],
        {
            "check, Python": [point.cost.python for point in own],
            "check, PostgreSQL": [point.cost.postgres or 0.0 for point in own],
            "contract core alone": [point.core for point in own],
        },
    )
