"""Connections of lasting threads: used again while they work, closed where the server has gone."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from database.thread_connections import close_unusable_connections
from tests.live_processes import database_url


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
        return pid


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_works_is_kept_without_a_question() -> None:
    first = backend()
    close_unusable_connections()
    assert backend() == first


@pytest.mark.django_db(transaction=True)
def test_one_that_the_server_closed_is_replaced_before_it_is_used() -> None:
    first = backend()
    with psycopg.connect(database_url()) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [first]).fetchone() == (True,)
    close_unusable_connections()
    assert backend() != first


@pytest.mark.django_db(transaction=True)
def test_one_past_its_age_is_replaced() -> None:
    first = backend()
    connection.close_at = 0.0
    close_unusable_connections()
    assert backend() != first
