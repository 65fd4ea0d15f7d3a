"""Run one part of the soak, print what came of it, and keep it for the next part.

    make soak                                      a part of 27 minutes at most
    make soak ARGS="--minutes 10"                  a shorter one
    make soak ARGS=--status                        only what was reached so far

Once enough was killed, what is missing of the inputs is tried alone, on every core; a part ends when the whole is
reached. Where one is not enough, run it again. Ctrl-C ends a part early, with its counting. It ends with 0 where
nothing escaped in this part, and with 1 where something did.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.machine.hardware import machine
from benchmarks.mutants import ROOT
from benchmarks.soak.part import PartOptions, PartRun
from benchmarks.soak.progress import WHOLE_INPUTS, WHOLE_KILLS, PartFigures, Progress
from benchmarks.soak.report import part_table, progress_line

FOLDER = ROOT / ".signalbook" / "soak"
MAX_MINUTES = 28.0
"""A part ends within half an hour, its start and its counting included."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the next part, and return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description="Run one part of the soak.")
    parser.add_argument("--minutes", type=float, default=27.0, help=f"how long, at most {MAX_MINUTES:g}; 27")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where progress, escapes and the installation lie")
    parser.add_argument("--seed", default="", help="what chance is drawn from; a new one where it is not given")
    parser.add_argument("--pause", type=float, nargs=2, default=(0.1, 1.0), help="seconds between two kills")
    parser.add_argument("--kills", type=int, default=0, help="how many kills there must be, whatever time they take")
    parser.add_argument("--faults", type=int, default=0, help="how many faults there must be likewise")
    parser.add_argument("--slow-sockets", type=int, default=300, help="how many slow connections at a time")
    parser.add_argument("--status", action="store_true", help="only print what was reached so far")
    options = parser.parse_args(arguments)
    if not 0 < options.minutes <= MAX_MINUTES:
        parser.error(f"--minutes is {options.minutes:g}; at most {MAX_MINUTES:g}")
    folder: Path = options.folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    progress_file = folder / "progress.json"
    progress = Progress.load(progress_file)
    if options.status or progress.is_whole:
        print(progress_line(progress))
        return 0
    number = len(progress.parts) + 1
    figures = PartFigures(
        number=number,
        seed=options.seed or token_hex(4),
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=f"{machine()}, {platform.system()} {platform.release()}",
        commit=_commit(),
        load=os.getloadavg()[0],
    )
    progress.parts.append(figures)
    print(f"Part {number} of the soak, seed {figures.seed}, in {folder}", flush=True)
    part = PartRun(
        figures,
        folder,
        PartOptions(
            seconds=options.minutes * 60,
            min_kills=options.kills,
            min_faults=options.faults,
            slow_sockets=options.slow_sockets,
            pause=(options.pause[0], options.pause[1]),
            enough_kills=max(WHOLE_KILLS - progress.kills, options.kills),
            max_inputs=max(WHOLE_INPUTS - progress.inputs, 1),
        ),
        save=lambda: progress.save(progress_file),
        should_stop=_asked_to_stop(),
    )
    part.run()
    print(f"\n{part_table(figures)}\n\n{progress_line(progress)}")
    return 1 if figures.escape_count else 0


def _asked_to_stop() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set; asked a second time, they end this process at once."""
    asked = threading.Event()

    def ask(number: int, frame: object) -> None:
        asked.set()
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return asked


def _commit() -> str:
    """Return the commit of this checkout, with a plus where it was changed since; "" where there is no git."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return described.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
