"""Turns a skipped test into a failed one where `SIGNALBOOK_NO_SKIPS` is set: a machine of ours lacks nothing.

But for disks: containers let nobody mount one, whatever else they have.
"""

import os
from collections.abc import Generator

import pytest

NO_SKIPS = os.environ.get("SIGNALBOOK_NO_SKIPS") == "1"
CANNOT_MOUNT = "this system lets us mount no disk"


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Make a skip count as a failure, and say why it was skipped."""
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if CANNOT_MOUNT in str(reason):
            return
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and no test may be skipped here. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that skips itself."""
    report = yield
    if NO_SKIPS:
        fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a whole file that skips itself."""
    report = yield
    if NO_SKIPS:
        fail_if_skipped(report)
    return report
