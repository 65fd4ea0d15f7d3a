"""`make bench`: every figure of benchmarks/README.md but those of growth, in one run; `ARGS=growth` for these.

`ARGS="ladder --rate 58000"` measures one part, with what its options say.
"""

import argparse
import signal
import sys
from collections.abc import Sequence

from benchmarks.catalog import measure_catalog
from benchmarks.contract import measure_contract
from benchmarks.growth.growth_table import measure_growth
from benchmarks.pipeline.ladder import Size, measure_ladder
from benchmarks.quick_run import measure_quickly
from benchmarks.taps import measure_taps

PARTS = ("contract", "ladder", "taps", "catalog")
ALL_PARTS = (*PARTS, "growth")


def main(arguments: Sequence[str]) -> None:
    """Measure the parts that are named. All that was started ends with it, also where it is told to stop."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures how fast Signalbook is.")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", choices=[*ALL_PARTS, []], help=f"{', '.join(ALL_PARTS)} (all but the last)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=Size().seconds,
        help="how long each step of the ladder is sent; less than 50 ends before what the killed worker held is free",
    )
    parser.add_argument("--rate", type=int, help="events a second there, instead of what the step can keep")
    parser.add_argument(
        "--steps", nargs="*", default=[], help="those alone whose names begin so (store, check, findings)"
    )
    parser.add_argument("--not-durable", action="store_true", help="measure a database that is not durable, and say so")
    parser.add_argument("--quick", action="store_true", help="try whether everything works; its figures say nothing")
    chosen = parser.parse_args(arguments)
    parts = chosen.parts or PARTS
    is_durable = not chosen.not_durable
    if chosen.quick:
        measure_quickly(parts, steps=tuple(chosen.steps), is_durable=is_durable)
        return
    if "contract" in parts:
        measure_contract()
        print()
    if "ladder" in parts:
        steps = tuple(chosen.steps)
        measure_ladder(Size(seconds=chosen.seconds, rate=chosen.rate, steps=steps, is_durable=is_durable))
        print()
    if "taps" in parts:
        measure_taps(is_durable=is_durable)
        print()
    if "catalog" in parts:
        measure_catalog()
        print()
    if "growth" in parts:
        measure_growth(is_durable=is_durable)


if __name__ == "__main__":
    main(sys.argv[1:])
