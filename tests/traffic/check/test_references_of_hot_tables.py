"""Deltas and samples refer to sources, names and versions without a constraint: what deletes those leaves none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import ForeignKey
from django.utils import timezone

from accounts.models import User
from catalog.models import Event, Source, WriteKey
from demo.removal.row_removal import Removal
from tests.concurrency import run_behind
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.traffic import maintenance_lock
from tracking.traffic.check import worker
from tracking.traffic.check.inbox_queue import claim_batches
from tracking.traffic.counts.name_expiry import delete_expired_names
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import InboxBatch, Rollup, RollupDelta, Sample, SeenName, TrafficCount

HOT_MODELS = (RollupDelta, Sample)


def references() -> set[tuple[str, str]]:
    """Return the table and column of each reference that the database does not look up itself."""
    return {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        if model._meta.managed
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and not field.deconstruct()[3].get("db_constraint", True)
    }


def orphans() -> dict[tuple[str, str], int]:
    """Return how many rows of the hot tables refer to what is not there, by table and column."""
    found = {}
    with connection.cursor() as cursor:
        for model in HOT_MODELS:
            for field in model._meta.concrete_fields:
                if not field.is_relation:
                    continue
                cursor.execute(
                    f"SELECT count(*) FROM {model._meta.db_table} AS row WHERE row.{field.column} IS NOT NULL "
                    f"AND NOT EXISTS (SELECT FROM {field.related_model._meta.db_table} WHERE id = row.{field.column})"
                )
                found[model._meta.db_table, field.column] = cursor.fetchone()[0]
    return {place: count for place, count in found.items() if count}


@pytest.fixture
def counted(key: WriteKey, order: Event) -> Source:
    """Another source, whose events are counted and sampled as those of the shop are, half of them not folded."""
    other = SourceFactory.create(slug="other")
    EventFactory.create(name="Product Viewed", sources=[other], is_live=True)
    other_key = create_write_key(other, "production")
    for _ in range(2):
        fold_deltas()
        for each in (key, other_key):
            post_batch(each, track_call(), track_call("Product Viewed"), track_call("Nobody Knows"))
        process_inbox()
    assert RollupDelta.objects.count() == 6 and Sample.objects.count() == 12
    return other


def test_no_other_table_does_without_constraints(db: Any) -> None:
    hot = {
        (model._meta.db_table, column) for model in HOT_MODELS for column in ("source_id", "seen_name_id", "version_id")
    }
    # One row a check and source, which the fold leaves out where its source is gone: tests/profiling.
    assert references() == hot | {("profiling_profiledelta", "source_id")}


def test_the_source_that_is_deleted_takes_its_rows_along(counted: Source) -> None:
    other = Removal(by=User.objects.system(), reason="test", sources=[counted.pk], events=[], requests=[])
    other.remove_traffic()
    assert not orphans()
    assert {model: model._default_manager.count() for model in HOT_MODELS} == {RollupDelta: 3, Sample: 6}


def test_the_event_that_is_deleted_takes_the_counts_of_its_versions_along(counted: Source) -> None:
    event = Event.objects.get(name="Product Viewed")
    removal = Removal(by=User.objects.system(), reason="test", sources=[], events=[event.pk], requests=[])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    maintenance_lock.acquire_exclusive()
    removal.remove_traffic()
    removal.remove_events()
    assert not orphans()
    assert not Event.objects.filter(pk=event.pk).exists() and Sample.objects.filter(version__isnull=False).exists()


def test_the_name_that_expires_takes_its_rows_along(counted: Source) -> None:
    long_ago = timezone.now() - timedelta(days=60)
    SeenName.objects.update(first_seen=long_ago)
    for model in (Rollup, RollupDelta):
        model._default_manager.update(hour=long_ago)
    assert delete_expired_names() == 1
    assert not orphans()
    assert {name for (name,) in Sample.objects.values_list("seen_name__name")} == {"Order Completed", "Product Viewed"}


def test_the_count_of_what_was_deleted_by_hand_keeps_no_other_from_being_folded(counted: Source) -> None:
    gone = SeenName.objects.get(name="Nobody Knows").pk
    Rollup.objects.filter(seen_name=gone).delete()
    RollupDelta.objects.filter(seen_name=gone).update(seen_name_id=987_654_321)
    RollupDelta.objects.filter(source=counted).exclude(seen_name_id=987_654_321).update(version_id=987_654_321)
    assert fold_deltas().delta_count == 6
    assert not RollupDelta.objects.exists() and not fold_deltas().delta_count
    assert counts_by_verdict(source__slug="web-shop") == {"conforming": 2, "wrong_source": 2}


@pytest.mark.django_db(transaction=True)
def test_a_check_and_a_deletion_wait_for_each_other(key: WriteKey, order: Event) -> None:
    def remove() -> None:
        removal = Removal(by=User.objects.system(), reason="test", sources=[key.source_id], events=[], requests=[])
        with transaction.atomic():
            maintenance_lock.acquire_exclusive()
            removal.remove_traffic()

    post_batch(key, track_call(), track_call("Nobody Knows"))
    claim = claim_batches()
    assert claim is not None
    checked, removed = run_behind(lambda: worker.check_claim(claim), remove)
    assert (checked, removed) == (2, None)
    assert not orphans() and not RollupDelta.objects.exists() and not InboxBatch.objects.exists()
    assert TrafficCount.objects.totals()["count"] == 0
