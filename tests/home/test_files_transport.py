"""Messages through files: whole or not there, with writers and readers at work at once."""

from __future__ import annotations

import shutil
import stat
import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import ChannelError

from config.celery import app
from config.files_transport import Channel
from tests.full_disk import fill, small_disk

QUEUE = "nudges"
MESSAGES = 400


def files_connection(folder: Path) -> Connection:
    for name in ("queue", "processed", "control"):
        (folder / name).mkdir()
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
    }
    return Connection("filesystem://", transport_options=options)


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return files_connection(tmp_path)


def test_the_application_uses_it(connection: Connection) -> None:
    assert app.main == "signalbook"
    assert isinstance(connection.channel(), Channel)


def test_readers_never_meet_half_a_message(connection: Connection) -> None:
    writing, reading = connection.channel(), connection.clone().channel()
    failures: list[Exception] = []
    got: list[Any] = []

    def write() -> None:
        for number in range(MESSAGES):
            writing._put(QUEUE, {"number": number, "body": "x" * 20_000})

    def read() -> None:
        while len(got) < MESSAGES and not failures:
            try:
                got.append(reading._get(QUEUE)["number"])
            except Empty:
                continue
            except Exception as error:  # a thread cannot fail the test: the test shows it, whatever it is
                failures.append(error)

    threads = [threading.Thread(target=work) for work in (read, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sorted(got) == list(range(MESSAGES))


def test_a_damaged_message_is_passed_over(connection: Connection, tmp_path: Path) -> None:
    channel = connection.channel()
    (tmp_path / "queue" / f"0_damaged.{QUEUE}.msg").write_text("")
    channel._put(QUEUE, {"number": 1})
    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert channel._get(QUEUE) == {"number": 1}


def test_what_is_being_written_is_not_found(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "queue" / f"1_half.{QUEUE}.msg.part").write_text("{")
    with pytest.raises(Empty):
        connection.channel()._get(QUEUE)


def test_a_full_disk_takes_no_message_and_keeps_no_part_of_one(tmp_path: Path) -> None:
    with small_disk(tmp_path, size=2**20) as disk:
        channel = files_connection(disk).channel()
        channel._queue_bind("shared", "", "", QUEUE)
        ballast = fill(disk)
        for number in range(3):
            with pytest.raises(ChannelError, match="No space left"):
                channel._put(QUEUE, {"number": number})
        assert list((disk / "queue").iterdir()) == []
        with pytest.raises(Empty):
            channel._get(QUEUE)
        ballast.unlink()
        channel._put(QUEUE, {"number": 4})
        assert channel._get(QUEUE) == {"number": 4}


def test_processes_that_start_at_once_lose_no_queue_of_an_exchange(connection: Connection, tmp_path: Path) -> None:
    names = [f"queue-{number}" for number in range(40)]

    def bind(mine: list[str]) -> None:
        channel = connection.clone().channel()
        for name in mine:
            channel._queue_bind("shared", name, "", name)

    threads = [threading.Thread(target=bind, args=(names[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {entry.queue for entry in connection.channel().get_table("shared")} == set(names)
    assert not list((tmp_path / "control").glob("*.part"))


def test_a_damaged_list_of_queues_is_written_anew(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "control" / "shared.exchange").write_text("")
    channel = connection.channel()
    assert channel.get_table("shared") == []
    channel._queue_bind("shared", "one", "", "one")
    assert [entry.queue for entry in channel.get_table("shared")] == ["one"]


def test_folders_that_were_removed_come_back_with_the_queues_that_were_bound(
    connection: Connection, tmp_path: Path
) -> None:
    listening = connection.channel()
    for name in ("nudges", "echoes"):
        Queue(name, Exchange(name), routing_key=name)(listening).declare()
    sending = connection.clone().channel()
    for _ in range(2):
        for folder in ("queue", "processed", "control"):
            shutil.rmtree(tmp_path / folder)
        with pytest.raises(Empty):
            listening._get("nudges")
        for name in ("nudges", "echoes"):
            sending.basic_publish(sending.prepare_message(name), exchange=name, routing_key=name)
            assert listening._get(name)["body"]
            assert stat.S_IMODE((tmp_path / "queue").stat().st_mode) == 0o700


def test_who_sends_makes_removed_folders_again(connection: Connection, tmp_path: Path) -> None:
    listening, sending = connection.channel(), connection.clone().channel()
    for channel in (listening, sending):
        Queue("nudges", Exchange("nudges"), routing_key="nudges")(channel).declare()
    for _ in range(2):
        for folder in ("queue", "processed", "control"):
            shutil.rmtree(tmp_path / folder)
        assert sending._size("nudges") == 0
        shutil.rmtree(tmp_path / "queue")
        sending._put("nudges", {"number": 1})
        sending.basic_publish(sending.prepare_message("again"), exchange="nudges", routing_key="nudges")
        assert sending._size("nudges") == 2
        received = [listening._get("nudges") for _ in range(2)]  # those of one millisecond come in any order
        assert {"number": 1} in received and any("body" in message for message in received)
        assert sending._size("nudges") == 0
