"""Importers stand alone: no Django, no database, and a small command to try them."""

import subprocess
import sys

from tests.exchange.real_dictionaries import DATA

BLOCKED = """
import sys
for name in ("django", "psycopg", "celery", "rest_framework", "requests"):
    sys.modules[name] = None
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload
from pathlib import Path
print(len(list(IMPORTERS["iglu"].read(Upload.from_path(Path(sys.argv[1]))))))
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=DATA.parent.parent, check=False
    )


def test_importers_run_without_django():
    done = run("-c", BLOCKED, str(DATA / "iglu-central"))
    assert (done.returncode, done.stdout.strip()) == (0, "172"), done.stderr


def test_the_command_prints_the_plan():
    done = run("-m", "catalog.exchange", "segment", str(DATA / "segment-spec-tracking-plan"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("create: 51  update: 0  unchanged: 0  conflict: 0  skipped: 6  failed: 0\n")
    done = run("-m", "catalog.exchange", "iglu", str(DATA / "iglu-central"))
    assert done.returncode == 1
    assert done.stdout.count("failed  'schemas/") == 2
    done = run("-m", "catalog.exchange", "iglu", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "There is no file or folder at nowhere. Check the path.\n"
