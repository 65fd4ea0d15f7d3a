"""Hands out the tests of a parallel run by groups and whole files, the groups first, as they take longest.

By single tests, as `--dist loadgroup` does it, both processes make what the tests of a file share. And of groups it
knows nothing with pytest 9.2, as it reads them from names that pytest lets nobody write any more
(pytest-xdist issue 1386): each process then loads the demo, and two servers are killed at once.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

GROUPS = ("one at a time", "upgrade", "demo")
"""What begins at once, longest first: where one is left for the end, the other process waits for it."""


class LoadGroupsAndFiles(LoadGroupScheduling):
    """Gives a process the next group or file when its last one is almost done."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test, or its file where it is in none."""
        return super()._split_scope(nodeid).partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupsAndFiles | None:
    """Take the place of `--dist loadgroup`."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return LoadGroupsAndFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the processes of a parallel run, bring the groups to the front and tell of them by the names of tests."""
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        suffix = f"@{group_of(item)}"
        if suffix != "@" and not item.nodeid.endswith(suffix):
            item._id = type(item.id).parse(f"{item.nodeid}{suffix}")
    items.sort(key=_place)


def group_of(item: pytest.Item) -> str:
    """Return the group that a test is marked with, "" where it is in none."""
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else ""


def _place(item: pytest.Item) -> int:
    """Return the place of a test's group, behind all of them where it is in none of these."""
    group = group_of(item)
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)
