"""Fuzz the check in this process, in a database of its own, and write a line of JSON for each round.

python -m runtime db -- python -m benchmarks.soak.fuzz SEED --seconds 60
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import signal
import sys
import time
from collections.abc import Sequence

import structlog

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.pipeline.scratch_database import scratch_database
from benchmarks.soak.escapes import Escape
from benchmarks.soak.fuzz.checked_bodies import BodyTrial, HostileBody, hostile_bodies
from benchmarks.soak.fuzz.fast_path_round import compare_ways
from benchmarks.soak.fuzz.round_report import RoundReport
from benchmarks.soak.fuzz.shrinking import SHRINK_SECONDS, shrink
from tests.factories.catalog import EventFactory, SourceFactory

GC_THRESHOLDS = (100_000, 50, 1_000)


def main(arguments: Sequence[str]) -> int:
    """Try one round, and more until the time is up, the inputs are reached or somebody asks to stop; return 0."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak.fuzz", description="Fuzz the check in this process.")
    parser.add_argument("seed", help="what the inputs are made from")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to try")
    parser.add_argument("--inputs", type=int, default=sys.maxsize, help="how many events to try at most")
    parser.add_argument("--first-round", type=int, default=1, help="which round to begin with")
    options = parser.parse_args(arguments)
    # A logger that was used before is cached, and what it writes afterwards would escape `capture_logs`.
    structlog.configure(cache_logger_on_first_use=False)
    asked_to_stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked_to_stop.append(number))
    parent = os.getppid()
    with scratch_database():
        source = SourceFactory.create(slug="fuzzed")
        for name in ("Order Completed", "Product Viewed"):
            EventFactory.create(name=name, sources=[source], is_live=True)
        trial = BodyTrial(source)
        # What lives for good is not looked through again and again: a tenth of the time.
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        until, tried = time.monotonic() + options.seconds, 0
        for number in itertools.count(options.first_round):
            seed = f"{options.seed}/{number}"
            report = try_round(trial, seed)
            report.escapes.extend(compare_ways(seed))
            print(report.as_line(), flush=True)
            tried += report.inputs
            if time.monotonic() > until or tried >= options.inputs or asked_to_stop or os.getppid() != parent:
                break
    return 0


def try_round(trial: BodyTrial, seed: str) -> RoundReport:
    """Try the bodies of one round together; where something is wrong, find the smallest input that shows it."""
    bodies = hostile_bodies(seed)
    refused, trial.slowest = trial.refused, 0.0
    escapes = [smallest(trial, bodies, problem, seed)] if (problem := trial.find_problem(bodies)) else []
    return RoundReport(
        inputs=sum(len(body.events) for body in bodies),
        refused_bodies=trial.refused - refused,
        seconds=trial.slowest,
        escapes=escapes,
    )


def smallest(trial: BodyTrial, bodies: Sequence[HostileBody], problem: str, seed: str) -> Escape:
    """Return the escape of the bodies, with as few of their events as still show some problem."""
    until = time.monotonic() + SHRINK_SECONDS
    few = shrink(bodies, lambda some: bool(trial.find_problem(some)), until=until)
    body = few[0]
    if len(few) == 1:
        body = body.only(shrink(body.events, lambda some: bool(trial.find_problem([body.only(some)])), until=until))
        problem = trial.find_problem([body]) or problem
    way = f"{body.wire} {body.call or 'batch'}, {body.environment}{', history' if body.is_history else ''}"
    return Escape.of_input("check", f"{problem} ({way}; {len(few)} bodies)", body.content, seed=seed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
