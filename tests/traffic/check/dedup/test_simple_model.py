"""Deduplication against a model of two dictionaries: sets of events over days, with tables that change places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.traffic.check.dedup.sent_events import FRESH, POSSIBLE_REPEAT, REPEAT, REUSED, Marks, Sent, mark
from tracking.traffic.check.dedup import stored_keys
from tracking.traffic.check.dedup.rotation import rotate_keys
from tracking.traffic.models import DedupKey, DedupRotation, EarlierDedupKey

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = settings.DEDUP_WINDOW


class Model:
    """What is to be said: when each event came last as a new one, and which came first with each id."""

    def __init__(self) -> None:
        self.seen_at: dict[Sent, datetime] = {}
        self.first: dict[tuple[str | None, int, str], Sent] = {}

    def mark(self, sent: Sent, at: datetime) -> Marks:
        if self._is_seen(sent, at):
            return POSSIBLE_REPEAT if sent.message_id is None else REPEAT
        self.seen_at[sent] = at
        if sent.message_id is None:
            return FRESH
        same_id = (sent.message_id, sent.source_id, sent.environment)
        if same_id in self.first and self._is_seen(self.first[same_id], at, but=sent):
            return REUSED
        self.first[same_id] = sent
        return FRESH

    def _is_seen(self, sent: Sent, at: datetime, *, but: Sent | None = None) -> bool:
        return sent != but and sent in self.seen_at and self.seen_at[sent] > at - WINDOW


few_events = st.builds(
    Sent,
    st.sampled_from(["1", "2", "3", None]),
    st.integers(0, 3),
    st.sampled_from([1, 2]),
    st.sampled_from(["production", "staging"]),
)
pauses = st.sampled_from([0, 1, 3_600, 5 * 3_600, 11 * 3_600, 12 * 3_600, 86_398, 86_399, 86_400, 86_401, 3 * 86_400])
sets = st.lists(st.tuples(pauses, st.lists(few_events, max_size=8), st.booleans()), max_size=12)


@hypothesis_settings(
    max_examples=120, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sets=sets)
# An id whose first content is forgotten, while another one of it is not; before and after the tables change places.
@example(
    sets=[
        (0, [Sent("1", 0)], False),
        (72_000, [Sent("1", 1)], False),
        (14_400, [Sent("1", 1), Sent("1", 0), Sent("1", 2)], False),
        (14_400, [Sent("1", 1), Sent("1", 2), Sent("1", 0)], False),
    ]
)
@example(
    sets=[
        (0, [Sent("1", 0)], True),
        (86_300, [Sent("2", 0), Sent("2", 1)], True),
        (200, [Sent("2", 2), Sent("1", 0)], False),
        (86_000, [Sent("2", 2), Sent("2", 1), Sent("2", 0)], False),
        (86_400, [Sent("2", 2), Sent("2", 1)], False),
    ]
)
def test_what_is_said_of_events_is_what_two_dictionaries_say(
    sets: list[tuple[int, list[Sent], bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, at, rotated_at = Model(), BEGIN, BEGIN
    with transaction.atomic():
        rotate_keys()
        for pause, events, is_looked_up in sets:
            at += timedelta(seconds=pause)
            if at >= rotated_at + WINDOW:
                DedupRotation.objects.update(rotated_at=BEGIN - timedelta(days=400))
                assert rotate_keys()
                rotated_at = at
            # Whatever this process expects, the answer is the same.
            monkeypatch.setattr(stored_keys._ExpectedKeys, "likely", is_looked_up)
            expected = [model.mark(sent, at) for sent in events]
            assert mark(events, at=at) == expected
        is_used = DedupKey.objects.exists() or EarlierDedupKey.objects.exists()
        assert is_used or not any(events for _, events, _ in sets) or rotated_at > BEGIN
        transaction.set_rollback(True)


def test_a_day_ends_to_the_second(db: Any) -> None:
    sent = Sent("1")
    assert mark([sent], at=BEGIN) == [FRESH]
    assert mark([sent], at=BEGIN + WINDOW - timedelta(seconds=1)) == [REPEAT]
    assert mark([sent], at=BEGIN + WINDOW) == [FRESH]
    assert mark([sent], at=BEGIN + WINDOW) == [REPEAT]


def test_ids_of_sources_and_environments_are_told_apart(db: Any) -> None:
    places = [Sent("1", 0, source, environment) for source in (1, 2, 11) for environment in ("staging", "production")]
    assert mark(places, at=BEGIN) == [FRESH] * 6
    assert mark(places, at=BEGIN) == [REPEAT] * 6
    assert DedupKey.objects.count() == 6


def test_a_set_of_many_is_known_by_as_many_rows(db: Any) -> None:
    many = [Sent(f"event-{number}", number % 7) for number in range(2_000)]
    assert mark(many, at=BEGIN) == [FRESH] * 2_000
    assert mark([*many[:1_500], Sent("new"), *many[:3]], at=BEGIN) == [*([REPEAT] * 1_500), FRESH, *([REPEAT] * 3)]
    assert DedupKey.objects.count() == 2_001
