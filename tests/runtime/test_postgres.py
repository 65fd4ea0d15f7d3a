"""The embedded PostgreSQL: creating, starting, killing, and the folders it lives in."""

import os
import shutil
import signal
import stat
from pathlib import Path

import psycopg
import pytest

from runtime.database import postgres_binaries
from runtime.database.postgres_home import user_home
from runtime.database.postgres_server import PostgresServer
from runtime.startup_errors import StartupError
from runtime.supervision import process_control
from tests.runtime.ordinary_user import ordinary_uid, run_as_ordinary_user
from tests.runtime.polling import wait_for


def ask(postgres: PostgresServer, question: str) -> object:
    """Return the first value of the answer to one statement."""
    with psycopg.connect(postgres.url) as connection:
        answer = connection.execute(question)
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def test_it_is_durable_private_and_of_this_century(postgres: PostgresServer) -> None:
    process = postgres.start()
    shown = {
        name: ask(postgres, f"SHOW {name}")
        for name in ("fsync", "synchronous_commit", "listen_addresses", "server_encoding", "timezone", "data_checksums")
    }
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "timezone": "UTC",
        "data_checksums": "on",
    }
    assert ask(postgres, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert ask(postgres, "SELECT lower('ÅÉ') || ' ' || upper('ß')") == "åé ß"
    postgres.stop(process)


def test_it_keeps_what_was_written(postgres: PostgresServer) -> None:
    process = postgres.start()
    ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop(process)
    assert process.returncode == 0
    assert not postgres.create(), "the data was there already"
    process = postgres.start()
    assert ask(postgres, "SELECT answer FROM kept") == 42
    postgres.stop(process)


def test_data_of_a_version_with_one_role_gets_the_second(postgres: PostgresServer) -> None:
    process = postgres.start()
    ask(postgres, "CREATE TABLE of_before AS SELECT 42 AS answer")
    with psycopg.connect(postgres.url.replace("signalbook@", "postgres@"), autocommit=True) as admin:
        admin.execute("DROP ROLE signalbook_app")
    assert postgres.ensure_application_role()
    assert not postgres.ensure_application_role()
    with psycopg.connect(postgres.application_url) as application:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("DROP TABLE of_before")
        application.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("SET ROLE signalbook")
    postgres.stop(process)


def test_killed_with_9_it_comes_back_with_every_row(postgres: PostgresServer) -> None:
    process = postgres.start()
    ask(postgres, "CREATE TABLE counted AS SELECT generate_series(1, 1000) AS number")
    session = psycopg.connect(postgres.url)
    process.kill()
    process.wait()
    process = postgres.start()
    assert ask(postgres, "SELECT count(*) FROM counted") == 1000
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    postgres.stop(process)


def test_a_server_of_an_earlier_start_is_ended_first(postgres: PostgresServer) -> None:
    earlier = postgres.start()
    ask(postgres, "CREATE TABLE taken_over AS SELECT 42 AS answer")
    assert postgres.end_leftover_server()
    assert earlier.wait(5) == 0
    process = postgres.start()
    assert ask(postgres, "SELECT answer FROM taken_over") == 42
    postgres.stop(process)


def test_a_pid_file_that_names_a_stranger_ends_nobody(postgres: PostgresServer) -> None:
    (postgres.home.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.home.data}\n")
    assert not postgres.end_leftover_server()
    process = postgres.start()
    assert ask(postgres, "SELECT 1") == 1
    postgres.stop(process)


def test_data_of_another_version_is_one_sentence(postgres: PostgresServer) -> None:
    version = postgres.home.data / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(StartupError, match="is of PostgreSQL 16, and this version of Signalbook brings PostgreSQL 18"):
        postgres.create()
    version.write_text("18\n")
    assert not postgres.create()


def test_data_that_was_half_created_is_created_again(postgres: PostgresServer) -> None:
    whole = postgres.home.data.rename(postgres.home.folder / "whole")
    half = postgres.home.folder / "data.new"
    postgres.home.make_folder(half)
    (half / "PG_VERSION").write_text("18\n")
    assert postgres.create()
    assert not half.exists()
    shutil.rmtree(whole)


def test_damaged_data_says_why_it_does_not_start(postgres: PostgresServer) -> None:
    control = postgres.home.data / "global" / "pg_control"
    kept = control.rename(postgres.home.folder / "pg_control")
    with pytest.raises(StartupError, match=r"PostgreSQL did not start: .*postgres\.log"):
        postgres.start()
    kept.rename(control)
    postgres.stop(postgres.start())


def test_the_folders_are_closed_to_others(postgres: PostgresServer) -> None:
    process = postgres.start()
    assert stat.S_IMODE(postgres.home.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.home.data.stat().st_mode) == 0o700
    postgres.stop(process)


def test_an_ordinary_user_runs_it_itself(folder: Path) -> None:
    os.chown(folder, ordinary_uid(), -1)
    assert run_as_ordinary_user(_live_a_day, _reachable_programs(folder), folder) == ordinary_uid()


def test_a_long_path_of_the_clone_gets_a_short_socket(folder: Path) -> None:
    os.chown(folder, ordinary_uid(), -1)
    deep = folder / ("a-rather-long-name-of-a-folder" * 4)
    sockets = run_as_ordinary_user(_sockets_in, _reachable_programs(folder), deep)
    assert isinstance(sockets, str)
    assert len(sockets) < 80 and not sockets.startswith(str(deep))
    os.rmdir(sockets)


def _reachable_programs(folder: Path) -> Path:
    """Return PostgreSQL's programs where an ordinary user reaches them, wherever the tests' own Python lies."""
    return postgres_binaries.copy_executables(folder)


def _live_a_day(programs: Path, folder: Path) -> int:
    """Create, start, ask, kill, start again and stop a database; return who ran it."""
    postgres_binaries.wheel_executables = lambda: programs
    state = folder / "state"
    state.mkdir(mode=0o700)
    postgres = PostgresServer(user_home(state), state / "postgres.log")
    postgres.create()
    process = postgres.start()
    ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    uid = Path(f"/proc/{process.pid}").stat().st_uid
    process.send_signal(signal.SIGKILL)
    process.wait()
    process = postgres.start()
    assert ask(postgres, "SELECT answer FROM kept") == 42
    postgres.stop(process)
    wait_for(lambda: not list(process_control.processes_in_folder(postgres.home.data)), "the end of every process")
    return uid


def _sockets_in(programs: Path, deep: Path) -> str:
    """Start a database in a folder with a long path and return where its socket is."""
    postgres_binaries.wheel_executables = lambda: programs
    deep.mkdir(mode=0o700)
    postgres = PostgresServer(user_home(deep), deep / "postgres.log")
    postgres.create()
    process = postgres.start()
    assert ask(postgres, "SELECT 1") == 1
    postgres.stop(process)
    return str(postgres.home.sockets)
