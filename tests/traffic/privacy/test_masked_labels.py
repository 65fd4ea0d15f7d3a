"""Names and app versions that strangers chose: nothing personal in them is stored, and counts hold."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Event, Source, WriteKey
from tests.factories.catalog import EventFactory
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.traffic.models import HourlyDistinctValue, RollupDelta, Sample, SeenName, TrafficCount
from tracking.traffic.privacy.labels import mask_label, mask_version


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Viewed anna@example.org", r"Viewed ‹email [0-9a-f]{4}›"),
        ("/reset?token=abc123", r"/reset\?token=‹token›"),
        ("/reset?token=abc&page=2", r"/reset\?token=‹token›&page=2"),
        ("https://x.example/u/anna%40example.org/edit", r"https://x\.example/u/‹email [0-9a-f]{4}›/edit"),
        ("Paid 4111 1111 1111 1111", r"Paid ‹card [0-9a-f]{4}›"),
        ("Called +49 151 23456789 twice", r"Called ‹phone [0-9a-f]{4}› twice"),
        ("anna@example.org wrote bob@example.org", r"‹email [0-9a-f]{4}› wrote ‹email [0-9a-f]{4}›"),
        ("Ａnna＠example.org", r"‹email [0-9a-f]{4}›"),
    ],
)
def test_what_is_personal_in_a_label_is_replaced(text: str, pattern: str) -> None:
    assert re.fullmatch(pattern, mask_label(text))
    assert mask_label(mask_label(text)) == mask_label(text)


@pytest.mark.parametrize("text", ["Order Completed", "/products/17?page=2", "日本 👍", "", "Step 2", "x" * 2_000])
def test_other_labels_stay_as_they_are(text: str) -> None:
    assert mask_label(text) == text


def test_one_value_has_one_stand_in_and_the_end_of_a_long_text_is_cut() -> None:
    assert mask_label("A anna@example.org") == mask_label("A Anna@Example.org") != mask_label("A bob@example.org")
    long = "anna@example.org" + "x" * 5_000 + "bob@example.org"
    assert "anna" not in mask_label(long)
    assert "bob" not in mask_label(long)
    assert mask_label(long) != mask_label(long + "b")
    assert mask_label(long[16:]) == long[16:], "what is stored of it is inspected, and holds nothing"


@pytest.mark.parametrize("end", ["anna@example.org", "/reset?token=anna"])
def test_what_follows_characters_that_stand_for_many_is_inspected(end: str) -> None:
    text = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200 + " " + end
    assert len(text) < 512, "it is stored whole"
    assert "anna" not in mask_label(text)
    assert "‹" in mask_label(text)


@pytest.mark.parametrize("text", ["10.0.22.631", "+20261127", "2.5.0 (421)", "2.5.0+421"])
def test_versions_stay_versions(text: str) -> None:
    assert mask_version(text) == text
    assert "anna" not in mask_version("2.5.0-anna@example.org")


@pytest.mark.django_db
@pytest.mark.parametrize("is_production", [True, False])
def test_no_row_holds_what_is_personal_in_a_name_or_a_version(
    key: WriteKey, staging_key: WriteKey, shop: Source, order: Event, is_production: bool
) -> None:
    version = {"app": {"version": "1.0-anna@example.org"}}
    events = [
        track_call("Viewed anna@example.org", context=version),
        track_call("Viewed anna@example.org", context=version),
        track_call("Viewed bob@example.org"),
        track_call("/reset?token=s3cr3t"),
        track_call() | {"type": "page", "name": "/u/anna@example.org", "event": None},
    ]
    post_batch(key if is_production else staging_key, *events)
    process_inbox()

    assert counts_by_verdict() == {"undocumented": 5}
    names = dict(TrafficCount.objects.values_list("seen_name__name", "count"))
    assert names[mask_label("Viewed anna@example.org")] == 2
    assert set(names) == {mask_label(f"Viewed {who}@example.org") for who in ("anna", "bob")} | {
        "/reset?token=‹token›",
        "page",
    }
    assert Sample.objects.count() == 5
    with connection.cursor() as cursor:
        for table in (SeenName, Sample, Finding, RollupDelta, HourlyDistinctValue):
            cursor.execute(f"SELECT coalesce(json_agg(t)::text, '') FROM {table._meta.db_table} AS t")
            stored = json.dumps(cursor.fetchall())
            for value in ("anna@", "bob@", "s3cr3t"):
                assert value not in stored, table


@pytest.mark.django_db
def test_a_defined_name_is_matched_first_and_stays(key: WriteKey, shop: Source) -> None:
    event = EventFactory.create(name="Viewed help@example.org", sources=[shop], is_live=True)
    post_batch(key, track_call("Viewed help@example.org"))
    process_inbox()
    assert TrafficCount.objects.of_event(event).totals()["count"] == 1
    assert Sample.objects.get().event["event"] == "Viewed help@example.org"
    assert Sample.objects.get().masked.count("/event") == 0


@pytest.mark.django_db
def test_a_name_that_was_stored_before_stays(key: WriteKey, shop: Source) -> None:
    before = SeenName.objects.create(
        call="track", name="Viewed anna@example.org", name_hash=b"x" * 32, first_seen=timezone.now()
    )
    post_batch(key, track_call("Viewed anna@example.org"))
    process_inbox()
    before.refresh_from_db()
    assert before.name == "Viewed anna@example.org"
    assert SeenName.objects.count() == 2


@pytest.mark.django_db
def test_a_name_with_a_value_is_told_without_what_is_personal_in_it(key: WriteKey, shop: Source) -> None:
    post_batch(key, track_call("Viewed 50314"), track_call("Viewed anna@example.org"), track_call("Product Viewed"))
    process_inbox()
    came = dict(Finding.objects.filter(rule="name").values_list("seen_name__name", "came"))
    personal = mask_label("Viewed anna@example.org")
    assert came == {"Viewed 50314": '"Viewed 50314"', personal: f'"{personal}"'}
