"""What an injected statement makes the settings of the application's role breaks no connection that comes later."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import environ
import psycopg
import pytest
from django.db import OperationalError, connections
from psycopg import sql

from database.base import DatabaseWrapper
from database.session_settings import NEWER_SETTINGS, PLANNER_SETTINGS, SESSION_SETTINGS
from runtime.database.postgres_server import ADMIN_ROLE, APPLICATION_ROLE
from tests.database.frozen_server import FreezableServer

pytestmark = pytest.mark.django_db

Connect = Callable[[str], DatabaseWrapper]

# For each of the settings, what would harm.
HARMFUL = {
    "local_preload_libraries": "not_there",
    "exit_on_error": "on",
    "idle_session_timeout": "1",
    "idle_in_transaction_session_timeout": "1",
    "tcp_user_timeout": "1",
    "statement_timeout": "1",
    "lock_timeout": "1",
    "transaction_timeout": "1",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "default_transaction_isolation": "serializable",
    "datestyle": "German, DMY",
    "intervalstyle": "iso_8601",
    "standard_conforming_strings": "off",
    "array_nulls": "off",
    "extra_float_digits": "-15",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "gin_fuzzy_search_limit": "1",
}
# A socket's file has no such timeout, and the server says 0 whatever it is set to.
OF_TCP = {"tcp_user_timeout"}


@pytest.fixture
def connect(freezable: FreezableServer) -> Iterator[Connect]:
    """Connect as the application's role by the engine of this project, with these options of DATABASE_URL."""
    opened = []

    def connect(options: str) -> DatabaseWrapper:
        named = environ.Env.db_url_config(freezable.url)
        named |= {"ENGINE": "database", "USER": APPLICATION_ROLE, "OPTIONS": named["OPTIONS"] | {"options": options}}
        opened.append(DatabaseWrapper({**connections["default"].settings_dict, **named}, "default"))
        opened[-1].ensure_connection()
        return opened[-1]

    yield connect
    for wrapper in opened:
        wrapper.close()
    with psycopg.connect(freezable.url, user=ADMIN_ROLE, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(sql.Identifier(APPLICATION_ROLE)))


def change_role(wrapper: DatabaseWrapper, name: str, value: str) -> None:
    """Do as the application's role what an injected statement would."""
    with wrapper.cursor() as cursor:
        statement = sql.SQL("ALTER ROLE {} SET {} = {}")
        cursor.execute(statement.format(sql.Identifier(APPLICATION_ROLE), sql.Identifier(name), sql.Literal(value)))


def effective(wrapper: DatabaseWrapper) -> dict[str, str]:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE lower(name) = ANY (%s)", [list(HARMFUL)])
        return {name.lower(): setting for name, setting in cursor.fetchall()}


def test_each_setting_is_tried() -> None:
    assert set(HARMFUL) == set(SESSION_SETTINGS | NEWER_SETTINGS)


@pytest.mark.parametrize("name", HARMFUL)
def test_a_setting_of_the_role_changes_no_session(connect: Connect, freezable: FreezableServer, name: str) -> None:
    before = connect("")
    usual = effective(before)
    change_role(before, name, HARMFUL[name])
    assert effective(connect("")) == usual

    try:
        with psycopg.connect(freezable.url, user=APPLICATION_ROLE, autocommit=True) as other:
            seen = other.execute("SELECT current_setting(%s)", [name]).fetchone()
    except psycopg.OperationalError:
        return  # who does not send settings is kept out: no library, or no millisecond left
    assert name in OF_TCP or seen != (usual[name],)


def test_all_of_them_at_once_break_nothing(connect: Connect) -> None:
    first = connect("")
    usual = effective(first)
    for name, value in HARMFUL.items():
        change_role(first, name, value)
    second = connect("")
    assert effective(second) == usual
    with second.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05), timestamptz '2026-02-01 00:00Z', interval '1 day', 1.1::float8, '\\'")
        _slept, at, days, number, backslash = cursor.fetchone()
    assert (at.month, days.days, number, backslash) == (2, 1, 1.1, "\\")


def test_what_the_address_says_stays(connect: Connect) -> None:
    said = connect("-c statement_timeout=5000 -c default_transaction_read_only=on -c search_path=theirs")
    assert effective(said) == effective(connect("")) | {
        "statement_timeout": "5000",
        "default_transaction_read_only": "on",
    }
    with said.cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert cursor.fetchone() == ("theirs",)


def planner_settings(wrapper: DatabaseWrapper) -> dict[str, str]:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [list(PLANNER_SETTINGS)])
        return dict(cursor.fetchall())


def test_plans_are_chosen_as_we_say_unless_the_address_says_otherwise(connect: Connect) -> None:
    assert planner_settings(connect("")) == PLANNER_SETTINGS
    said = connect("-c random_page_cost=4 -c jit=on")
    assert planner_settings(said) == PLANNER_SETTINGS | {"random_page_cost": "4", "jit": "on"}


def test_what_the_environment_says_stays(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=7000")
    assert effective(connect(""))["lock_timeout"] == "7000"
    assert effective(connect("-c statement_timeout=5000"))["lock_timeout"] == "0", "the address alone counts, as ever"


def test_a_search_path_of_the_role_is_left_to_the_installation(connect: Connect) -> None:
    change_role(connect(""), "search_path", "theirs")
    with connect("").cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert cursor.fetchone() == ("theirs",)


def test_a_server_that_does_not_know_a_setting_is_asked_again(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "is_older_server", False)
    monkeypatch.setitem(NEWER_SETTINGS, "of_a_later_release", "0")
    assert effective(connect("-c statement_timeout=5000"))["statement_timeout"] == "5000"
    assert DatabaseWrapper.is_older_server
    assert effective(connect(""))["statement_timeout"] == "0"


def test_of_two_threads_that_connect_first_both_ask_again(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DatabaseWrapper, "is_older_server", False)
    monkeypatch.setitem(NEWER_SETTINGS, "of_a_later_release", "0")
    slower = connections["default"].get_connection_params()
    connect("")
    assert DatabaseWrapper.is_older_server
    late = connections["default"].copy()
    late.get_new_connection(slower).close()


def test_a_setting_that_nobody_knows_is_not_forgiven(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DatabaseWrapper, "is_older_server", False)
    with pytest.raises(OperationalError, match="of_nobody"):
        connect("-c of_nobody=1")
    assert not DatabaseWrapper.is_older_server
