"""Every part of `make bench`, small: to try whether it works. Its figures say nothing."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.catalog import measure_catalog
from benchmarks.contract import measure_contract
from benchmarks.growth.growth_table import GrowthSize, measure_growth
from benchmarks.pipeline.ladder import Size, measure_ladder
from benchmarks.taps import TapsSize, measure_taps
from demo.large_catalog.catalog_maker import CatalogSize

DEFINITIONS = 12
REQUESTS = 40


def measure_quickly(parts: Sequence[str], *, steps: tuple[str, ...], is_durable: bool) -> None:
    """Run these parts with little work; the chart is thrown away."""
    print("A quick run: its figures say nothing.\n")
    if "contract" in parts:
        measure_contract(events=1_000, definitions=DEFINITIONS, rounds=1)
    if "ladder" in parts:
        measure_ladder(
            Size(
                definitions=DEFINITIONS,
                requests=REQUESTS,
                probe_seconds=0.2,
                seconds=3,
                steps=steps,
                is_durable=is_durable,
                has_node=not steps,
            )
        )
    if "taps" in parts:
        measure_taps(
            TapsSize(taps=2, flow_seconds=3, flow=200, definitions=DEFINITIONS, requests=REQUESTS),
            is_durable=is_durable,
        )
    if "catalog" in parts:
        measure_catalog(CatalogSize(events=60, properties=40, sources=2, teams=2, people=3, seen_names=20), requests=2)
    if "growth" in parts:
        size = GrowthSize(
            definitions=(2, 4), properties=(1, 3), broken=(0, 100), sources=(1, 3), few_definitions=2, bodies=4
        )
        with tempfile.TemporaryDirectory() as folder:
            measure_growth(size, is_durable=is_durable, chart_file=Path(folder) / "growth.svg")
