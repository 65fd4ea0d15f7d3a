"""The database for tests: there while its command runs, gone afterwards."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from runtime.clone import ROOT
from runtime.database.temporary_database import FOLDER_PREFIX
from tests.runtime.polling import wait_for
from tests.runtime.sample_clone import REMOVED_VARIABLES

COMMAND = [sys.executable, "-m", "runtime", "db"]
BARE = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}


def test_a_command_gets_a_database_of_its_own_and_its_exit_code_counts() -> None:
    script = (
        "import os, psycopg, sys\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as connection:\n"
        "    print(connection.execute('SHOW fsync').fetchone()[0], os.environ['BROKER_FOLDER'])\n"
        "sys.exit(3)\n"
    )
    done = subprocess.run(
        [*COMMAND, "--", sys.executable, "-c", script], cwd=ROOT, env=BARE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    fsync, broker = done.stdout.split()
    assert fsync == "off"
    assert not Path(broker).parent.exists()


def test_a_durable_one_keeps_what_is_committed() -> None:
    script = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as connection:\n"
        "    for name in ('fsync', 'synchronous_commit', 'full_page_writes'):\n"
        "        print(connection.execute(f'SHOW {name}').fetchone()[0])\n"
    )
    command = [*COMMAND, "--durable", "--", sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=BARE, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["on", "on", "on"]), done.stderr


def test_a_database_that_is_named_is_used() -> None:
    done = subprocess.run(
        [*COMMAND, "--", sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])"],
        cwd=ROOT,
        env=BARE | {"DATABASE_URL": "postgres:///named"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "postgres:///named"


def test_without_a_command_it_prints_its_url_and_ends_when_asked() -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, env=BARE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_what_a_killed_run_left_is_removed_by_the_next() -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, env=BARE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        folder = Path(url.partition("host=")[2].replace("%2F", "/")).parent
        assert folder.name.startswith(FOLDER_PREFIX)
        process.kill()
    wait_for(lambda: not (folder / "data" / "postmaster.pid").exists(), "the database to follow")
    long_ago = folder.stat().st_mtime - 3600
    os.utime(folder, (long_ago, long_ago))
    subprocess.run([*COMMAND, "--", sys.executable, "-c", ""], cwd=ROOT, env=BARE, check=True)
    assert not folder.exists()
    assert folder.parent == Path(tempfile.gettempdir())
