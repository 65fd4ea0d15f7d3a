"""Which tests of a parallel run share a process, and which begin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from runtime.clone import ROOT

MARK = "@pytest.mark.xdist_group('one at a time')"
MARKS = {
    **{f"tests/pages/test_{number}.py": "" for number in range(6)},
    "tests/browser/test_pages.py": "",
    "tests/journeys/test_way.py": "",
    "tests/workers/test_kill.py": MARK,
}
"""The files of the run, and what marks their tests."""

# Whoever runs a test of a file says so.
FILE = """
import os, pytest, time

{mark}
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    time.sleep(0.02)
    with open({notes!r}, "a") as notes:
        print(os.environ["PYTEST_XDIST_WORKER"], {path!r}, file=notes)
"""
PLUGINS = ("no:django", "no:cacheprovider", "tests.plugins.serial_groups", "tests.plugins.parallel_order")


def test_groups_begin_and_no_group_or_file_is_divided(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    for path, mark in MARKS.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(FILE.format(mark=mark, path=path, notes=str(notes)))
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)]
    command += ["-n", "2", "--dist", "loadgroup", "--import-mode", "importlib"]
    command += [word for name in PLUGINS for word in ("-p", name)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout

    ran = [line.split() for line in notes.read_text().splitlines()]
    assert len(ran) == 4 * len(MARKS)
    processes = defaultdict(set)
    for process, path in ran:
        processes["the group" if not path.startswith("tests/pages/") else path].add(process)
    assert {path: len(names) for path, names in processes.items()} == dict.fromkeys(processes, 1)
    (first,) = processes["the group"]
    begun = [path for process, path in ran if process == first][:12]
    assert not any(path.startswith("tests/pages/") for path in begun)
