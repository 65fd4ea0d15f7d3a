"""A database that stops answering: whoever said how long they wait, waits no longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, transaction

from database.base import DatabaseWrapper
from database.wait_limits import MIN_CONNECT_SECONDS, current_wait_limit, limit_database_waits
from tests.database.frozen_server import FreezableServer
from tests.live_processes import wait_for

pytestmark = pytest.mark.django_db

TOLERANCE = 1.0  # of a machine that does other things, too


def fails_within(seconds: float, work: Callable[[], object]) -> None:
    """Assert that work raises Django's OperationalError, and when at the latest."""
    began = time.monotonic()
    with pytest.raises(OperationalError):
        work()
    assert time.monotonic() - began < seconds + TOLERANCE


def select(wrapper: DatabaseWrapper, statement: str = "SELECT 1") -> object:
    with wrapper.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def test_within_its_limit_nothing_changes(wrapper: DatabaseWrapper) -> None:
    with limit_database_waits(5):
        assert select(wrapper) == (1,)
        with wrapper.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE kept (n int)")
            with cursor.copy("COPY kept FROM STDIN") as copy:
                copy.write("1\n2\n")
        assert select(wrapper, "SELECT sum(n) FROM kept") == (3,)
    assert current_wait_limit() is None
    assert select(wrapper, "SELECT pg_sleep(0.2), 1")[1] == 1  # type: ignore[index]


def test_a_statement_ends_at_the_limit_and_the_next_one_connects_anew(wrapper: DatabaseWrapper) -> None:
    select(wrapper)
    with limit_database_waits(0.3):
        fails_within(0.3, lambda: select(wrapper, "SELECT pg_sleep(30)"))
    wrapper.close_if_unusable_or_obsolete()
    assert select(wrapper) == (1,)


def test_the_statements_of_a_block_share_its_time(wrapper: DatabaseWrapper) -> None:
    with limit_database_waits(0.5):
        select(wrapper, "SELECT pg_sleep(0.3)")
        fails_within(0.2, lambda: select(wrapper, "SELECT pg_sleep(30)"))


def test_what_is_past_its_limit_asks_nothing_more(wrapper: DatabaseWrapper) -> None:
    select(wrapper)
    with limit_database_waits(0.0):
        fails_within(0, lambda: select(wrapper))


def test_inside_a_limit_the_nearer_one_holds(wrapper: DatabaseWrapper) -> None:
    select(wrapper)
    with limit_database_waits(0.3), limit_database_waits(60):
        fails_within(0.3, lambda: select(wrapper, "SELECT pg_sleep(30)"))


def test_who_gives_up_waits_no_longer(wrapper: DatabaseWrapper) -> None:
    select(wrapper)
    given_up = threading.Event()
    timer = threading.Timer(0.3, given_up.set)
    timer.start()
    with limit_database_waits(60, should_give_up=given_up.is_set), limit_database_waits(50):
        fails_within(0.3, lambda: select(wrapper, "SELECT pg_sleep(30)"))


def test_a_frozen_server_holds_neither_statement_nor_commit(
    wrapper: DatabaseWrapper, freezable: FreezableServer
) -> None:
    select(wrapper)
    with freezable.frozen(), limit_database_waits(0.5):
        fails_within(0.5, lambda: select(wrapper))
    wrapper.close_if_unusable_or_obsolete()

    select(wrapper, "SELECT 1")
    wrapper.set_autocommit(False)
    select(wrapper, "SELECT 1")
    with freezable.frozen(), limit_database_waits(0.5):
        fails_within(0.5, wrapper.commit)
    wrapper.close()


def test_connecting_to_a_frozen_server_ends_too(wrapper: DatabaseWrapper, freezable: FreezableServer) -> None:
    wrapper.close()
    with freezable.frozen(), limit_database_waits(0.5):
        fails_within(MIN_CONNECT_SECONDS, wrapper.ensure_connection)
    assert select(wrapper) == (1,)


def test_a_transaction_that_was_cut_off_is_not_half_done(wrapper: DatabaseWrapper, freezable: FreezableServer) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE cut (n int)")
    wrapper.set_autocommit(False)
    select(wrapper, "INSERT INTO cut VALUES (1) RETURNING n")
    with freezable.frozen(), limit_database_waits(0.3):
        fails_within(0.3, lambda: select(wrapper, "INSERT INTO cut VALUES (2) RETURNING n"))
    wrapper.close()
    wrapper.set_autocommit(True)
    assert select(wrapper, "SELECT count(*) FROM cut") == (0,)


def test_the_server_drops_what_was_given_up(wrapper: DatabaseWrapper) -> None:
    select(wrapper)
    with limit_database_waits(0.3):
        fails_within(0.3, lambda: select(wrapper, "SELECT pg_sleep(60)"))
    wrapper.close_if_unusable_or_obsolete()
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%'"
    wait_for(lambda: select(wrapper, running) == (0,), seconds=15, what="the end of the statement")


@pytest.mark.django_db(transaction=True)
def test_djangos_own_atomic_block_comes_out_of_it() -> None:
    def write() -> None:
        with transaction.atomic(), limit_database_waits(0.2), transaction.get_connection().cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    fails_within(0.2, write)
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT 1")
