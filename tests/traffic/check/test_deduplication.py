"""Events that come again: what is a repeat, and what is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Event, WriteKey
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.models import DedupKey, Sample, TrafficCount

pytestmark = pytest.mark.django_db


def test_the_same_id_again_is_a_repeat_and_counted_as_one(key: WriteKey, staging_key: WriteKey, order: Event) -> None:
    event = track_call()
    post_batch(key, event, event)
    post_batch(staging_key, event)
    process_inbox()
    post_batch(key, event)
    process_inbox()

    totals = TrafficCount.objects.filter(environment="production").totals()
    assert (totals["count"], totals["repeats"]) == (1, 2)
    totals = TrafficCount.objects.filter(environment="staging").totals()
    assert (totals["count"], totals["repeats"]) == (1, 0)
    assert Sample.objects.filter(environment="production", is_repeat=True).count() == 2


def test_an_id_may_come_again_after_a_day(key: WriteKey, order: Event) -> None:
    event = track_call()
    post_batch(key, event)
    process_inbox()
    DedupKey.objects.update(seen_at=timezone.now() - timedelta(hours=24, seconds=1))
    post_batch(key, event)
    process_inbox()

    assert TrafficCount.objects.totals()["count"] == 2


def test_events_without_an_id_are_never_dropped(key: WriteKey, order: Event) -> None:
    event = track_call()
    del event["messageId"]
    post_batch(key, event, event, event | {"userId": "other"})
    post_batch(key, event)
    process_inbox()

    totals = TrafficCount.objects.totals()
    assert (totals["count"], totals["repeats"], totals["possible_repeats"]) == (4, 0, 2)
