"""`make bench`: every figure of benchmarks/README.md, in one run."""

import signal
import sys

from benchmarks.contract import measure_contract
from benchmarks.pipeline.ladder import Size, measure_ladder
from benchmarks.taps import measure_taps

if __name__ == "__main__":
    # All that was started ends with it, also where it is told to stop.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    measure_contract()
    print()
    measure_ladder(Size())
    print()
    measure_taps()
