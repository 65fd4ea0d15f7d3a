"""Hands out the tests of a parallel run by whole files, after the groups, which take longest.

By single tests, as xdist does it, both processes make what the tests of a file share, and it looks for each test among
all of them each time one ends.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

GROUPS = ("one at a time", "upgrade", "demo")
"""What begins at once, longest first: where one is left for the end, the other process waits for it."""


class LoadFilesAndGroups(LoadGroupScheduling):
    """Gives a process the next group or file when its last one is almost done."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test, or its file where it is in none."""
        return super()._split_scope(nodeid).partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFilesAndGroups | None:
    """Take the place of `--dist loadgroup`."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return LoadFilesAndGroups(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the groups to the front, in the processes of a parallel run."""
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """Return the place of a test's group, behind all of them where it is in none of these."""
    marker = item.get_closest_marker("xdist_group")
    return GROUPS.index(marker.args[0]) if marker and marker.args[0] in GROUPS else len(GROUPS)
