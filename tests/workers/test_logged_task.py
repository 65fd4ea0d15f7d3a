"""What is logged of a task that fails: a traceback, but where the database was away one line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from celery import current_app
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from psycopg import errors
from structlog.testing import capture_logs

from config.logged_task import LoggedTask


def run(function: Callable[[], None]) -> None:
    """Run a task of the application, as a worker does."""
    current_app.task(name="tests.fail")(function).apply()


def fail_with(error: Exception) -> None:
    def fail() -> None:
        raise error

    run(fail)


def with_cause(kind: type[DatabaseError], cause: Exception) -> DatabaseError:
    error = kind("failed")
    error.__cause__ = cause
    return error


@pytest.fixture(autouse=True)
def forget_task() -> Iterator[None]:
    yield
    current_app.tasks.pop("tests.fail", None)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection failed"),
        InterfaceError("closed"),
        with_cause(OperationalError, errors.AdminShutdown()),
    ],
)
def test_a_database_that_is_away_is_one_line(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as logs:
        fail_with(error)
    assert [(each["event"], each["task"]) for each in logs] == [("the database failed a task", "tests.fail")]
    assert logs[0]["error"].startswith(type(error).__name__)
    assert logs[0]["exc_info"] is None
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info]


def test_a_statement_that_asks_too_much_keeps_its_traceback() -> None:
    error = with_cause(OperationalError, errors.ProgramLimitExceeded())
    with capture_logs() as logs:
        fail_with(error)
    assert [each["exc_info"] for each in logs] == [error]


def test_any_other_failure_is_told_by_celery_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("ours")
    with capture_logs() as logs:
        fail_with(error)
    assert not logs
    told = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(told) == 1 and told[0].exc_info is not None and told[0].exc_info[1] is error


@pytest.mark.django_db
def test_a_statement_that_the_real_database_ends_is_told() -> None:
    def ask_too_much() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 50")
            cursor.execute("SELECT pg_sleep(5)")

    with capture_logs() as logs:
        run(ask_too_much)
    assert len(logs) == 1 and isinstance(logs[0]["exc_info"], OperationalError)


def test_every_task_of_ours_is_one() -> None:
    current_app.loader.import_default_modules()
    ours = [task for name, task in current_app.tasks.items() if name.startswith(("traffic.", "requests."))]
    assert len(ours) >= 8 and all(isinstance(task, LoggedTask) for task in ours)
