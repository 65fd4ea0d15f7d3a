"""What was there before event time, history and devices came keeps its counts through their migrations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.application_role import become_owner
from tests.factories.catalog import definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, RequestLifecycle, ingest
from tracking.quality.models import Finding
from tracking.requests.choices import DeliveryState
from tracking.requests.evidence.observed_traffic import missing_observations
from tracking.requests.evidence.summaries import production_evidence, staging_evidence
from tracking.requests.models import Delivery, Evidence, EvidenceDevice, EvidenceId, EvidenceProperty
from tracking.requests.tasks import advance_deliveries
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import Rollup, RollupDelta, Sample, TrafficCount

pytestmark = pytest.mark.django_db

BEFORE = [
    ("catalog", "0003_keep_sensitivity_of_versions"),
    ("quality", "0002_count_findings_of_an_hour"),
    ("requests", "0011_store_what_drafts_come_to"),
    ("traffic", "0009_count_lost_leases"),
]
COUNTED = {
    Evidence: ("id", "round", "stage", "environment", "app_version", "conforming", "nonconforming", "proving"),
    EvidenceId: ("id", "round", "stage", "id_hash", "conforming", "nonconforming", "proving", "last_seen"),
    EvidenceProperty: ("id", "round", "stage", "path", "count"),
    Rollup: ("id", "hour", "app_version", "verdict", "count", "repeats", "late", "last_seen"),
    RollupDelta: ("id", "hour", "app_version", "verdict", "count", "repeats", "late", "last_seen"),
    Sample: ("id", "received_at", "verdict", "event", "is_repeat"),
    Finding: ("id", "rule", "state", "count", "first_seen", "last_seen"),
}


def rows() -> dict[str, list[Any]]:
    """What was counted and kept, by columns that there were before."""
    return {
        model.__name__: sorted(model._default_manager.order_by().values_list(*columns), key=repr)
        for model, columns in COUNTED.items()
    }


def migrate(targets: list[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
    MigrationExecutor(connection).migrate(targets)


def through_the_migrations() -> None:
    """Take the tables back to what they were and bring them here again, within the transaction of the test."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()  # what came later goes with what it rests on
    with become_owner(connection), connection.cursor() as cursor:
        migrate(BEFORE)
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name LIKE 'traffic_%'")
        names = {name for (name,) in cursor.fetchall()}
        assert names.isdisjoint({"event_time", "is_evidence", "historical", "undated", "content_hash"})
        assert "requests_evidencedevice" not in connection.introspection.table_names(cursor)
        migrate(latest)


@pytest.fixture
def lifecycle() -> RequestLifecycle:
    """A delivery that QA verified, with half of its proof folded and half not."""
    lifecycle = RequestFactory.tested()
    source, name = lifecycle.sources[0], lifecycle.change.name
    sent: dict[str, Any] = {"app_version": "2.0.0", "person_ids": range(1, 9), "interval": timedelta(minutes=1)}
    start = timezone.now() + timedelta(minutes=1)
    ingest(source, name, [VALID_PAYLOAD] * 15, at=start, **sent)
    fold_deltas()
    ingest(source, name, [VALID_PAYLOAD] * 14 + [INVALID_PAYLOAD], at=start + timedelta(minutes=15), **sent)
    return lifecycle


def test_a_round_of_before_keeps_its_counts_and_goes_on_until_it_proves(lifecycle: RequestLifecycle) -> None:
    # Counts of another event, which already show that it flows.
    draft = RequestFactory.draft(document=definition("Cart Viewed"))
    start, sent = timezone.now() - timedelta(hours=2), {"person_ids": range(1, 9), "interval": timedelta(minutes=1)}
    ingest(draft.sources[0], "Cart Viewed", [VALID_PAYLOAD] * 30, at=start, **sent)
    delivery, before, totals = lifecycle.delivery, rows(), TrafficCount.objects.totals()
    assert all(before.values())
    production, staging = production_evidence(delivery), staging_evidence(delivery)
    through_the_migrations()
    assert rows() == before
    assert TrafficCount.objects.totals() == totals
    assert (production_evidence(delivery), staging_evidence(delivery)) == (production, staging)
    assert not EvidenceDevice.objects.exists()
    assert missing_observations(draft.change, expected_per_day=None, at=timezone.now()) == []
    assert Sample.objects.evidence_since(timezone.now()).exists()
    # What comes now adds to it.
    later = timezone.now() + timedelta(minutes=40)
    name, options = lifecycle.change.name, {"app_version": "2.0.0", "person_ids": (1, 20)}
    ingest(lifecycle.sources[0], name, [VALID_PAYLOAD] * 2, at=later, **options)
    after = production_evidence(delivery)
    assert (after.events, after.ids) == (production.events + 2, production.ids + 1)
    fold_deltas()
    assert TrafficCount.objects.totals()["count"] == totals["count"] + 2
    assert advance_deliveries() == 1
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.LIVE
