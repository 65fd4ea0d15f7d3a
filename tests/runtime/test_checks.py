"""The locks, and the rule that no test is skipped on a machine of ours."""

import os
import subprocess
import sys
from pathlib import Path

from runtime.clone import ROOT
from runtime.code_checks import lock_file_problems

PIN = "django==5.2 \\\n    --hash=sha256:aa\n"


def test_our_locks_are_in_order() -> None:
    assert lock_file_problems(ROOT) == []


def test_a_lock_with_an_address_or_without_a_hash_is_found(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.lock").write_text("--index-url https://example.org\ncelery==5.7\n" + PIN)
    (tmp_path / "requirements" / "dev.lock").write_text(PIN)
    assert lock_file_problems(tmp_path) == [
        "requirements/run.lock names an address: --index-url https://example.org",
        "requirements/run.lock has no hash for celery==5.7",
        "celery==5.7 is in requirements/run.lock but not in requirements/dev.lock",
    ]


def test_a_skip_counts_as_a_failure_where_nothing_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text("import pytest\ndef test_it():\n    pytest.skip('no browser here')\n")
    (tmp_path / "test_file.py").write_text("import pytest\npytest.skip('no node here', allow_module_level=True)\n")
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path)]
    command += ["-p", "no:django", "-p", "no:cacheprovider", "-p", "tests.plugins.no_skips", str(tmp_path)]
    for value, code in (("0", 0), ("1", 1)):
        environment = os.environ | {"SIGNALBOOK_NO_SKIPS": value, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in ({0, 5} if code == 0 else {1, 2}), done.stdout
        if code:
            assert "no browser here" in done.stdout or "no node here" in done.stdout
