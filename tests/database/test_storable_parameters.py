"""Whatever text or JSON is written: PostgreSQL takes it, and it is found again by what was written."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Team
from catalog.contract import escape_text, sanitize
from catalog.contract.json.equality import json_equal
from catalog.contract.json.storage_encoding import storable_json
from tests.factories.accounts import TeamFactory

pytestmark = pytest.mark.django_db

HOSTILE = "a\x00b\ud800c\udfff\ud83dd💥"
STORED = "a\\u0000b\\ud800c\\udfff\\ud83dd💥"

texts = st.text(st.characters(codec=None, categories=None))
# PostgreSQL writes larger ones with all their digits.
floats = st.floats(-1e9, 1e9) | st.sampled_from([float("nan"), float("inf"), -float("inf"), 1e300, 5e-324])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | floats | texts | st.just(10**4_299),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("cast", ["", "::text", "::varchar", "::varchar(200)"])
def test_a_text_is_stored_whatever_it_holds(cast: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s{cast}", [HOSTILE])
        assert cursor.fetchone() == (STORED,)


@pytest.mark.parametrize("given_texts", [[HOSTILE], ["plain", HOSTILE], [HOSTILE, None]])
def test_texts_of_a_list_are_stored_too(given_texts: list[str | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [given_texts])
        assert cursor.fetchone() == ([STORED if text == HOSTILE else text for text in given_texts],)


def test_rows_and_lookups_write_it_alike() -> None:
    team = TeamFactory.create(name="x")
    Team.objects.filter(pk=team.pk).update(name=HOSTILE)
    team.refresh_from_db()
    assert team.name == STORED
    assert Team.objects.get(name=HOSTILE) == team


def test_a_copy_writes_it_alike(owner_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE storable (text text, json jsonb) ON COMMIT DROP")
        with cursor.copy("COPY storable (text, json) FROM STDIN") as copy:
            copy.write_row((HOSTILE, storable_json({HOSTILE: [float("nan"), HOSTILE]})))
        cursor.execute("SELECT text, json FROM storable")
        text, value = cursor.fetchone()
    assert text == STORED
    assert json.loads(value) == {STORED: ["NaN", STORED]}


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(value=values)
def test_any_json_is_stored_as_it_was_sanitized(value: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [storable_json(value)])
        (stored,) = cursor.fetchone()
    assert json_equal(json.loads(stored), sanitize(value))


def test_plain_json_stays_what_it_is() -> None:
    for value in ({"a": "NaN and Infinity"}, {"a": "\\u0000"}, ["💥", "\\ud800"], {"b": 1, "a": [True, None, 1.5]}):
        assert json.loads(storable_json(value)) == value
    assert json.loads(storable_json({"a": [10**5_000]}))["a"][0].startswith("1000")


def test_a_type_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        storable_json({"a": object()})
    assert json.loads(storable_json({"a": object()}, lambda value: json.dumps(value, default=lambda _: "\x00"))) == {
        "a": escape_text("\x00")
    }


@pytest.mark.parametrize("hours", [-23, -16, -15, -12, 0, 14, 15, 16, 23])
@pytest.mark.parametrize("cast", ["", "::timestamptz"])
def test_a_time_is_stored_whatever_its_offset(hours: int, cast: str) -> None:
    moment = datetime(2026, 1, 1, 12, 30, tzinfo=timezone(timedelta(hours=hours, minutes=59 if hours > 0 else 0)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s{cast}, %s::timestamptz[]", [moment, [moment]])
        assert cursor.fetchone() == (moment, [moment])


def test_a_time_without_an_offset_stays_as_it_is() -> None:
    moment = datetime.fromisoformat("2026-01-01T12:30")
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamp", [moment])
        assert cursor.fetchone() == (moment,)
