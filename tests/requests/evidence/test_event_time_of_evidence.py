"""Evidence and proof rest on when an event happened, not on when it was received."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.factories.catalog import definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, RequestLifecycle, ingest
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.evidence.snapshots import evidence_snapshot, failure_snapshot, stored_samples
from tracking.requests.evidence.summaries import pre_build_evidence, production_evidence, staging_evidence
from tracking.requests.models import Delivery, EvidenceId
from tracking.requests.tasks import advance_deliveries
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

UNPROVING = [
    pytest.param({"waited": 2 * HOUR}, id="from before the step"),
    pytest.param({"waited": 40 * DAY}, id="from long ago"),
    pytest.param({"clock_error": 3 * 365 * DAY}, id="from years to come"),
    pytest.param({"clock_error": timedelta(minutes=11)}, id="a little ahead"),
    pytest.param({"clock_error": 365 * DAY, "waited": 365 * DAY}, id="dated now, sent in a year"),
]
PROVING = [
    pytest.param({}, id="sent at once"),
    pytest.param({"clock_error": -5 * 365 * DAY}, id="by a clock that is years behind"),
    pytest.param({"waited": timedelta(minutes=20)}, id="it waited, but happened since"),
    pytest.param({"clock_error": timedelta(minutes=9)}, id="a little ahead"),
]


def send_one(lifecycle: RequestLifecycle, payload: Any = VALID_PAYLOAD, **options: Any) -> None:
    ingest(
        lifecycle.sources[0],
        lifecycle.change.name,
        [payload],
        **{"environment": "staging", "app_version": "2.0.0", "at": timezone.now() + HOUR} | options,
    )


@pytest.mark.parametrize("options", UNPROVING)
def test_what_cannot_have_happened_since_is_no_evidence(options: dict[str, Any]) -> None:
    lifecycle = RequestFactory.developed()
    for payload in (VALID_PAYLOAD, INVALID_PAYLOAD):
        send_one(lifecycle, payload, **options)
    summary = staging_evidence(lifecycle.delivery)
    assert (summary.conforming, summary.nonconforming, summary.seen_paths) == (0, 0, frozenset())
    assert not EvidenceId.objects.exists()
    # It is kept, with its verdict, and no step pins it.
    assert sorted(Sample.objects.values_list("verdict", flat=True)) == ["conforming", "nonconforming"]
    assert not stored_samples(lifecycle.delivery).exists()
    assert evidence_snapshot(lifecycle.delivery, None)["samples"] == []
    assert failure_snapshot(lifecycle.delivery, None) is None


@pytest.mark.parametrize("options", PROVING)
def test_what_happened_since_is(options: dict[str, Any]) -> None:
    lifecycle = RequestFactory.developed()
    send_one(lifecycle, **options)
    assert staging_evidence(lifecycle.delivery).conforming == 1
    (pinned,) = evidence_snapshot(lifecycle.delivery, None)["samples"]
    assert pinned["event_time"] <= pinned["received_at"]


@pytest.mark.parametrize("options", UNPROVING)
def test_before_it_is_developed_too(options: dict[str, Any]) -> None:
    lifecycle = RequestFactory.reviewed()
    Delivery.objects.update(updated_at=timezone.now())
    send_one(lifecycle, app_version="", **options)
    assert pre_build_evidence(lifecycle.delivery).conforming == 0
    send_one(lifecycle, app_version="")
    assert pre_build_evidence(lifecycle.delivery).conforming == 1


@pytest.mark.parametrize("options", UNPROVING)
def test_nothing_of_it_makes_a_delivery_live(options: dict[str, Any]) -> None:
    lifecycle = RequestFactory.tested()
    name, (source, *_) = lifecycle.change.name, lifecycle.sources
    proof: dict[str, Any] = {"app_version": "2.0.0", "person_ids": range(1, 9), "interval": timedelta(seconds=60)}
    start = timezone.now() + HOUR
    ingest(source, name, [VALID_PAYLOAD] * 30, at=start, **proof, **options)
    assert production_evidence(lifecycle.delivery).events == 0
    assert advance_deliveries() == 0
    ingest(source, name, [VALID_PAYLOAD] * 30, at=start, **proof)
    assert advance_deliveries() == 1
    delivery = Delivery.objects.get(pk=lifecycle.delivery.pk)
    assert delivery.state == DeliveryState.LIVE and delivery.change.request.state == RequestState.LIVE


def test_a_second_delivery_has_a_step_of_its_own() -> None:
    """An event between the two steps is evidence of the first alone."""
    first = RequestFactory.developed()
    second = RequestFactory.developed(members=first.members, document=definition("Cart Viewed"))
    Delivery.objects.filter(pk=second.delivery.pk).update(developed_at=timezone.now() + HOUR)
    for lifecycle in (first, second):
        send_one(lifecycle, at=timezone.now() + 2 * HOUR, waited=HOUR + timedelta(minutes=30))
    assert staging_evidence(first.delivery).conforming == 1
    assert staging_evidence(second.delivery).conforming == 0


def test_samples_from_before_the_column_count_by_when_they_were_received() -> None:
    lifecycle = RequestFactory.developed()
    send_one(lifecycle)
    Sample.objects.update(event_time=None)
    assert len(evidence_snapshot(lifecycle.delivery, None)["samples"]) == 1
