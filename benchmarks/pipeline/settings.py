"""Settings of the processes that are measured: those of any test's processes, with the recorders of a step alone."""

import os

from config.settings.testing import *  # noqa: F403  settings are the one place where Django expects this
from config.settings.testing import TRAFFIC_RECORDERS as ALL_RECORDERS

RECORDERS_VARIABLE = "BENCHMARK_RECORDERS"
"""Names the functions of the recorders that are on, with commas between."""

_CHOSEN = os.environ.get(RECORDERS_VARIABLE, "").split(",")
TRAFFIC_RECORDERS = [name for name in ALL_RECORDERS if name.rpartition(".")[2] in _CHOSEN]
