"""The tables of dedup keys are emptied by a function of their owner, and never sooner than after an hour."""

from __future__ import annotations

import pytest

from tests.database.role_session import REFUSED, Session
from tracking.traffic.models import DedupKey, DedupRotation, EarlierDedupKey


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE traffic_dedupkey",
        "TRUNCATE traffic_earlierdedupkey",
        "ALTER TABLE traffic_dedupkey RENAME TO mine",
        "ALTER FUNCTION signalbook_rotate_dedup_keys(interval) SECURITY INVOKER",
    ],
)
def test_the_application_does_not_change_the_tables(session: Session, statement: str) -> None:
    with pytest.raises(REFUSED):
        session.execute(statement)


@pytest.mark.parametrize("kept", ["0", "-1 year", "59 minutes"])
def test_nobody_makes_them_forget_what_is_younger_than_an_hour(session: Session, kept: str) -> None:
    DedupKey.objects.create(key=1, content=1, seen_at=0)
    session.execute("SELECT signalbook_rotate_dedup_keys('1 day')")
    session.execute("UPDATE traffic_deduprotation SET rotated_at = now() - interval '59 minutes'")
    assert session.execute("SELECT signalbook_rotate_dedup_keys(%s)", [kept]).fetchone() == (False,)
    assert DedupKey.objects.exists()


def test_they_change_places_and_the_names_that_a_session_brings_do_not_matter(session: Session) -> None:
    DedupKey.objects.create(key=1, content=1, seen_at=0)
    EarlierDedupKey.objects.create(key=2, content=1, seen_at=0)
    DedupRotation.objects.create(pk=1, rotated_at="2026-01-01T00:00:00Z")
    session.execute("SET search_path = pg_temp")
    rotated = session.execute("SELECT public.signalbook_rotate_dedup_keys('1 day')").fetchone()
    assert rotated == (True,)
    assert [row.pk for row in (*DedupKey.objects.all(), *EarlierDedupKey.objects.all())] == [1]
    assert EarlierDedupKey.objects.get().pk == 1
