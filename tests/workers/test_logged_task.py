"""What is logged of a task that fails: a traceback, but where the database was away one line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from celery import current_app
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from psycopg import errors

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
    fail_with(error)
    (told,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert told.getMessage().startswith(f"the database failed a task: tests.fail, {type(error).__name__} at ")
    assert not any(record.exc_info for record in caplog.records)


def tracebacks_told(caplog: pytest.LogCaptureFixture) -> list[BaseException | None]:
    return [record.exc_info[1] for record in caplog.records if record.levelno >= logging.ERROR and record.exc_info]


def test_a_statement_that_asks_too_much_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    error = with_cause(OperationalError, errors.ProgramLimitExceeded())
    fail_with(error)
    assert tracebacks_told(caplog) == [error]


def test_any_other_failure_is_told_by_celery_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("ours")
    fail_with(error)
    assert tracebacks_told(caplog) == [error]


@pytest.mark.django_db
def test_a_statement_that_the_real_database_ends_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def ask_too_much() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 50")
            cursor.execute("SELECT pg_sleep(5)")

    run(ask_too_much)
    (error,) = tracebacks_told(caplog)
    assert isinstance(error, OperationalError)


def test_every_task_of_ours_is_one() -> None:
    current_app.loader.import_default_modules()
    ours = [task for name, task in current_app.tasks.items() if name.startswith(("traffic.", "requests."))]
    assert len(ours) >= 8 and all(isinstance(task, LoggedTask) for task in ours)
