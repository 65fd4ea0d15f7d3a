"""Starting, stopping, killing and starting again, with every real process."""

import os
import signal
import socket
import time
from pathlib import Path
from unittest.mock import Mock

import psycopg
import pytest

from runtime.database.temporary_database import temporary_database
from runtime.startup.options import Options
from runtime.startup.startup_sequence import StartupSequence
from runtime.startup_errors import StartupError
from tests.runtime.polling import wait_for
from tests.runtime.sample_clone import SampleClone


def test_a_start_says_who_can_sign_in_and_starts_again_what_dies(clone: SampleClone) -> None:
    supervisor = clone.start_and_wait()
    assert f"http://127.0.0.1:{clone.port}/" in clone.output()
    assert "ada" in clone.output() and "a-password" in clone.output()
    assert clone.state.stat().st_mode & 0o777 == 0o700
    for name in ("secret.key", "database.url", "database-owner.url", "demo.json", "processes.json"):
        assert (clone.state / name).stat().st_mode & 0o777 == 0o600, name

    before = clone.pids()
    assert set(before) == {"postgres", "web", "check-1", "periodic-1", "jobs-1", "beat"}
    for name in ("web", "check-1", "periodic-1", "jobs-1", "beat"):
        environment = Path(f"/proc/{before[name]}/environ").read_bytes()
        assert b"DATABASE_URL=postgres://signalbook_app@" in environment and b"OWNER_DATABASE_URL" not in environment
    for name in before:
        os.kill(before[name], signal.SIGKILL)
    wait_for(lambda: clone.output().count("started again\n") >= 6, "six new processes")
    wait_for(clone.is_ready, "the worker's sign of life")
    after = clone.pids()
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())
    assert clone.demo_load_count() == 1

    sentence = clone.start_expecting_error()
    assert "already runs from this folder" in sentence and str(supervisor.pid) in sentence
    assert "Traceback" not in sentence
    assert clone.is_ready()


def test_a_port_taken_while_the_start_prepared_is_not_shared(clone: SampleClone) -> None:
    supervisor = Mock()
    options = Options("127.0.0.1", clone.port, "config.settings.production", "")
    with socket.create_server(("127.0.0.1", clone.port)), pytest.raises(StartupError, match="in use by another"):
        StartupSequence(Mock(), options, supervisor).start_processes()
    supervisor.start.assert_not_called()


def test_asked_to_stop_everything_ends_and_the_next_start_is_quick(clone: SampleClone) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        began = time.monotonic()
        supervisor = clone.start_and_wait()
        is_first = len(clone.started) == 1  # which may take longer
        assert is_first or time.monotonic() - began < 20
        assert f":{clone.port}" in (clone.state / "demo.json").read_text()
        assert clone.demo_load_count() == 1
        assert len(clone.running_processes()) > 6
        supervisor.send_signal(number)
        assert supervisor.wait(15) == 0
        assert clone.running_processes() == set()
        assert "Traceback" not in clone.output()
        clone.port += 1 if clone.port < 60_000 else -1


def test_after_a_kill_the_children_follow_or_are_taken_over(clone: SampleClone) -> None:
    supervisor = clone.start_and_wait()
    secret = (clone.state / "secret.key").read_text()
    supervisor.kill()
    supervisor.wait()
    wait_for(lambda: clone.running_processes() == set(), "the children to follow")

    supervisor = clone.start_and_wait()
    old = clone.pids()
    # What is stopped cannot follow. The supervisor itself, so that it notices nothing.
    for pid in (supervisor.pid, old["web"], old["postgres"]):
        os.kill(pid, signal.SIGSTOP)
    supervisor.kill()
    supervisor.wait()
    clone.start_and_wait()
    assert "of an earlier start" in clone.output()
    assert not clone.running_processes() & set(old.values())
    assert clone.demo_load_count() == 1
    assert (clone.state / "secret.key").read_text() == secret


def test_a_port_in_use_is_one_sentence(clone: SampleClone) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", clone.port))
        other.listen()
        sentence = clone.start_expecting_error()
    assert f"Port {clone.port} on 127.0.0.1 is in use" in sentence
    assert "PORT=" in sentence and "Traceback" not in sentence
    assert clone.running_processes() == set()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'"),
        ({"PORT": "70000"}, "PORT is '70000'"),
        ({"HOST": "not.a.host.invalid"}, "HOST is 'not.a.host.invalid'"),
        ({"HOST": "192.0.2.1"}, "Nobody can listen on 192.0.2.1"),
    ],
)
def test_an_impossible_address_is_one_sentence(clone: SampleClone, environment: dict[str, str], words: str) -> None:
    sentence = clone.start_expecting_error(**environment)
    assert words in sentence
    assert "Traceback" not in sentence


def test_a_failing_step_shows_its_last_words_and_stops(clone: SampleClone) -> None:
    command = clone.root / "company" / "management" / "commands" / "load_demo.py"
    command.write_text(command.read_text().replace("cache.set", "cache.no_such_method"))
    sentence = clone.start_expecting_error()
    assert "`manage.py load_demo` failed" in sentence and "no_such_method" in sentence
    assert clone.running_processes() == set()


def test_other_settings_and_a_named_server_have_neither_demo_nor_database_of_ours(
    clone: SampleClone, folder: Path
) -> None:
    other = clone.root / "config" / "settings" / "production.py"
    other.write_text((clone.root / "config" / "settings" / "demo.py").read_text())
    with temporary_database(folder) as url:
        clone.start_and_wait(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="config.settings.production")
        assert set(clone.pids()) == {"web", "check-1", "periodic-1", "jobs-1", "beat"}
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) > 0 FROM cache_entry").fetchone() == (True,)
        assert clone.demo_load_count() == 0
        assert not (clone.state / "demo.json").exists()
        assert "username" not in clone.output()
