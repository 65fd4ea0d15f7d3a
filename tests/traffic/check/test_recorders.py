"""What recorders get, and what happens where one fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from catalog.models import Event, WriteKey
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.check import evaluation, sample_retention, worker
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.models import DedupKey, QuarantinedBatch, Sample, TrafficCount

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


def test_an_event_that_cannot_be_recorded_costs_no_other_anything(
    key: WriteKey, order: Event, monkeypatch: Any, settings: Any
) -> None:
    settings.INBOX_RETRY_DELAY = timedelta(0)
    other = create_write_key(SourceFactory.create(slug="another"))
    recorded: list[str] = []

    def fail_for_one(batch: CheckedBatch) -> None:
        texts = [checked.event.properties["coupon"] for checked in batch.events]
        with connection.cursor() as cursor:  # a failed statement ends a transaction that has no savepoint
            cursor.execute("SELECT %s::jsonb", ["[" if "hostile secret" in texts else "[]"])
        recorded.extend(texts)

    monkeypatch.setattr(worker, "recorders", lambda: (fail_for_one,))
    coupons = ["a", "b", "hostile secret", "c", "d"]
    post_batch(key, *(track_call(properties={"total": 1, "coupon": coupon}) for coupon in coupons))
    post_batch(other, track_call(properties={"total": 1, "coupon": "e"}))
    with capture_logs() as logs:
        assert process_inbox() == 6

    assert sorted(recorded) == ["a", "b", "c", "d", "e"]
    assert TrafficCount.objects.totals()["count"] == 6
    assert not QuarantinedBatch.objects.exists()
    (line,) = [line for line in logs if line["event"] == "events could not be recorded"]
    assert (line["events"], line["recorder"]) == (1, "fail_for_one")
    assert "DataError" in line["error"]
    assert "secret" not in str(line)


def test_a_sample_that_cannot_be_stored_costs_no_count_and_no_other_sample(
    key: WriteKey, order: Event, monkeypatch: Any
) -> None:
    really_store = sample_retention.store_samples

    def store(samples: Any) -> None:
        for sample in samples:
            if sample.event["properties"]["total"] == 0:
                sample.app_version = "x" * 101  # longer than its column
        really_store(samples)

    monkeypatch.setattr(sample_retention, "store_samples", store)
    totals = ["1", 1, "2", "3"]
    post_batch(key, *(track_call(properties={"total": total}) for total in totals))
    with capture_logs() as logs:
        assert process_inbox() == 4

    assert TrafficCount.objects.totals()["count"] == 4
    assert Sample.objects.count() == 3
    assert [line["samples"] for line in logs if line["event"] == "samples could not be stored"] == [1]


def test_a_sample_that_cannot_be_made_costs_no_count_and_no_other_sample(
    staging_key: WriteKey, order: Event, monkeypatch: Any
) -> None:
    def fail_for_one(checked: Any, *others: Any) -> dict[str, Any]:
        if checked.event.properties["total"] == 2:
            raise RecursionError("a secret")
        return {}

    monkeypatch.setattr(evaluation, "candidate_verdicts", fail_for_one)
    post_batch(staging_key, *(track_call(properties={"total": total}) for total in (1, 2, 3)))
    with capture_logs() as logs:
        assert process_inbox() == 3

    assert TrafficCount.objects.totals()["count"] == 3
    assert Sample.objects.count() == 2
    (line,) = [line for line in logs if line["event"].startswith("a sample could not be made")]
    assert "RecursionError" in line["error"]
    assert "secret" not in line["error"]
