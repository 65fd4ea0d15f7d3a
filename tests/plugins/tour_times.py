"""Prints, at the end of a run, how long each step of the tour took."""

import json

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Find what the test of the tour noted, in this process or in another."""
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "tour" and report.when == "call":
                terminalreporter.section("the tour")
                for step, seconds in json.loads(str(value)):
                    terminalreporter.write_line(f"  {step:<24} {seconds:6.2f} s")
