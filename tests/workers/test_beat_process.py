"""The schedule goes on where the broker takes no message."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from celery.beat import ScheduleEntry
from celery.schedules import schedule
from kombu.connection import Connection

from config.beat_process import WatchedScheduler
from config.celery import app
from runtime.supervision.worker_pulse import FOLDER_VARIABLE
from tests.full_disk import fill, small_disk


def test_a_broker_on_a_full_disk_costs_one_line_and_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    scheduler = WatchedScheduler(app=app, lazy=True)
    entry = ScheduleEntry("drain", "nobody.knows.it", schedule=schedule(2), options={"queue": "full"}, app=app)
    with small_disk(tmp_path, size=2**20) as disk:
        folders = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}
        for name in set(folders.values()):
            (disk / name).mkdir()
        options = {option: str(disk / name) for option, name in folders.items()}
        with Connection("filesystem://", transport_options=options) as connection:
            producer = connection.Producer()
            ballast = fill(disk)
            with caplog.at_level(logging.ERROR):
                scheduler.apply_entry(entry, producer)
            (line,) = caplog.records
            assert "drain" in line.getMessage() and line.exc_info is None
            ballast.unlink()
            scheduler.apply_entry(entry, producer)
            assert len(caplog.records) == 1 and len(list((disk / "queue").glob("*.full.msg"))) == 1
