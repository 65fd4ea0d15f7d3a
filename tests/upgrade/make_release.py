"""Makes `tests/data/upgrade/5ee1d07.sql.xz` anew, from git: `python -m tests.upgrade.make_release`.

It checks the release out beside this clone with packages of its own, migrates an empty database with it, loads its demo
company, fills the tables that stay empty (`fill_release`), and writes all of it down as SQL that any client can run.
Takes some minutes. Times in it are those of the day on which it is made.
"""

import lzma
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from runtime.database.postgres_binaries import wheel_executables
from runtime.database.temporary_database import temporary_database, temporary_folder

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "5ee1d07"
RELEASE_FILE = ROOT / "tests" / "data" / "upgrade" / f"{RELEASE}.sql.xz"

# What psql alone reads, and settings that only newer servers know.
LEFT_OUT = re.compile(r"^(?:\\.*|SET (?:transaction_timeout|default_table_access_method)\b.*)\n", re.MULTILINE)


def make_release() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "release"
        subprocess.run(["git", "worktree", "add", "--detach", str(checkout), RELEASE], cwd=ROOT, check=True)
        try:
            _run([sys.executable, "-m", "runtime.bootstrap", "dev"], checkout, {})
            with temporary_folder() as database_folder, temporary_database(database_folder) as url:
                _fill(checkout, url)
                RELEASE_FILE.write_bytes(lzma.compress(_dump(url).encode(), preset=9 | lzma.PRESET_EXTREME))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(checkout)], cwd=ROOT, check=True)


def _fill(checkout: Path, url: str) -> None:
    environment = {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": str(checkout),
    }
    python = str(checkout / ".venv" / "bin" / "python")
    for arguments in (
        ("manage.py", "migrate", "--verbosity", "0"),
        ("manage.py", "createcachetable"),
        ("manage.py", "load_demo"),
        (str(Path(__file__).with_name("fill_release.py")),),
    ):
        _run([python, *arguments], checkout, environment)


def _dump(url: str) -> str:
    command = [str(wheel_executables() / "pg_dump"), "--no-owner", "--no-privileges", "--rows-per-insert=500", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return LEFT_OUT.sub("", text)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=os.environ | environment, check=True)


if __name__ == "__main__":
    make_release()
