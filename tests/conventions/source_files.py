"""The Python files of the project that people name: tests' data and migrations are not among them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

PACKAGES = (
    "accounts",
    "backup",
    "benchmarks",
    "catalog",
    "config",
    "demo",
    "erasure",
    "home",
    "pages",
    "runtime",
    "tour",
    "tracking",
)


def source_files() -> list[Path]:
    """Return the modules of the project's own packages, tests aside, sorted."""
    found = [path for package in PACKAGES for path in (settings.BASE_DIR / package).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def files_of_tests() -> list[Path]:
    """Return the modules of the tests, sorted, without the miniature projects that tests of the runtime start."""
    folder = settings.BASE_DIR / "tests"
    return sorted(path for path in folder.rglob("*.py") if "house" not in path.parts and "data" not in path.parts)
