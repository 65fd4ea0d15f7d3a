"""The machine, in one line."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """Return what the figures were measured on, and how busy it is with whatever else runs."""
    cpus = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in cpus.read_text().splitlines() if line.startswith("model name")]
        if cpus.exists()
        else []
    )
    return (
        f"{names[0] if names else platform.processor()}, {len(names) or '?'} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
