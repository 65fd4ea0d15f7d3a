"""Keeps the tests that start servers, workers and browsers in one process, one after the other."""

import pytest

# Folders under tests/ whose tests own ports, processes and the machine's clock.
SERIAL_FOLDERS = {"journeys", "browser", "kill", "runtime"}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of those folders into one group of the parallel run."""
    for item in items:
        folders = item.path.relative_to(config.rootpath).parts[:-1]
        if SERIAL_FOLDERS.intersection(folders):
            item.add_marker(pytest.mark.xdist_group("one at a time"))
