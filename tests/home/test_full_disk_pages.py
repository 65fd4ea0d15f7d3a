"""Pages on a full disk: whoever saves is told to send it again, and whoever reads goes on reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from psycopg.errors import DiskFull

from tests.full_disk import fill, small_disk

SIGN_IN = "/accounts/login/"


@pytest.fixture
def client(db: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Django leaves the begun file open
def test_a_file_for_which_there_is_no_room_is_to_be_sent_again(client: Client, settings, tmp_path: Path) -> None:
    def upload() -> int:
        answer = client.post(SIGN_IN, {"file": SimpleUploadedFile("events.csv", b"x" * 3_000_000)})
        if answer.status_code == 503:
            assert answer["Retry-After"] == "10" and b"disk is full" in answer.content
        return answer.status_code

    with small_disk(tmp_path, size=2**20) as disk:
        settings.FILE_UPLOAD_TEMP_DIR = str(disk)
        fill(disk)
        assert upload() == 503
        assert client.get(SIGN_IN).status_code == 200
    settings.FILE_UPLOAD_TEMP_DIR = None
    assert upload() == 200


@pytest.mark.parametrize(("path", "kind"), [(SIGN_IN, "text/html"), ("/api/v1/events/", "application/problem+json")])
def test_a_database_without_room_says_so_and_is_not_said_to_be_silent(
    client: Client, path: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL that is full for one statement cannot be had here; the soak fills its disk."""

    def without_room(*args: object) -> None:
        raise OperationalError("could not extend file") from DiskFull("No space left on device")

    monkeypatch.setattr("accounts.middleware.TimeZoneMiddleware.__call__", without_room)
    answer = client.get(path)
    assert answer.status_code == 503 and answer["Retry-After"] == "10"
    assert answer["Content-Type"].startswith(kind) and b"There is no room for what you sent" in answer.content
