"""What recorders get, and what happens where one fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Event, WriteKey
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.check import worker
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.models import DedupKey, QuarantinedBatch, TrafficCount

pytestmark = pytest.mark.django_db


def test_recorders_get_one_batch_a_source_and_environment(
    key: WriteKey, staging_key: WriteKey, order: Event, recorded: list[CheckedBatch]
) -> None:
    other = create_write_key(SourceFactory.create(slug="another"))
    event = track_call()
    post_batch(key, event, event, track_call(properties={"total": "secret words"}))
    post_batch(staging_key, track_call())
    post_batch(other, track_call())
    post_batch(key, track_call())
    process_inbox()

    assert [(batch.source.slug, batch.environment, len(batch.events)) for batch in recorded] == [
        ("web-shop", "production", 4),
        ("web-shop", "staging", 1),
        ("another", "production", 1),
    ]
    production = recorded[0]
    assert [checked.is_repeat for checked in production.events] == [False, True, False, False]
    assert len(production.deduplicated) == 3
    broken = production.events[2]
    assert broken.event_id == order.pk
    assert broken.version_number == "1.0.0"
    assert broken.masked_event["properties"] == {"total": "xxxxxx xxxxx"}
    assert broken.masked_paths == ("/user_id", "/message_id", "/properties/total")
    assert "secret" not in broken.result.violations[0].came
    assert broken.event.properties == {"total": "secret words"}
    assert len({checked.person_hash for checked in production.events}) == 1


def test_a_failing_recorder_takes_everything_back(key: WriteKey, order: Event, monkeypatch: Any, settings: Any) -> None:
    settings.INBOX_RETRY_DELAY = timedelta(0)

    def fail(batch: CheckedBatch) -> None:
        raise RuntimeError("the recorder has a bug")

    monkeypatch.setattr(worker, "recorders", lambda: (fail,))
    post_batch(key, track_call())
    assert process_inbox() == 0

    assert not TrafficCount.objects.exists()
    assert not DedupKey.objects.exists()
    assert QuarantinedBatch.objects.get().attempts == 3
    assert "RuntimeError" in QuarantinedBatch.objects.get().reason
