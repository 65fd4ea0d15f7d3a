"""The samples that the check stores: how many, and what versions under way say of them."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.choices import Environment
from catalog.contract import Contract
from catalog.models import Event, Source, WriteKey
from catalog.resolution.contract_cache import get_contract
from catalog.services.bindings import set_delivery_open
from tests.factories.catalog import definition, publish_next_version
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db


def test_samples_are_rings_of_the_newest(staging_key: WriteKey, order: Event, settings: Any) -> None:
    settings.SAMPLES_KEPT = 5
    for number in range(3):
        post_batch(staging_key, *(track_call(properties={"total": number * 10 + each}) for each in range(4)))
        process_inbox()
        fold_deltas()

    kept = [sample.event["properties"]["total"] for sample in Sample.objects.newest_first()]
    assert kept == [23, 22, 21, 20, 13]


def test_a_sample_outside_production_keeps_what_versions_under_way_say_of_it(
    key: WriteKey, staging_key: WriteKey, shop: Source, order: Event
) -> None:
    schema = {"type": "object", "properties": {"email": {"type": "string", "pattern": "^[a-z]+$"}}}
    coming = publish_next_version(order, definition("Order Completed", schema=schema), sources=[shop])
    set_delivery_open(coming, shop, is_open=True)
    for each in (key, staging_key):
        post_batch(each, track_call(properties={"total": 27.5, "email": "ann@example.com"}))
    process_inbox()
    sample = Sample.objects.get(environment=Environment.STAGING)
    assert (sample.verdict, sample.version_id == coming.pk) == ("conforming", False)
    second = sample.second_verdicts[str(coming.pk)]
    assert second["verdict"] == "nonconforming"
    broken = {found["rule"]: found for found in second["violations"]}
    assert broken["pattern"]["came"] == '"xxx@xxxxxxx.xxx"'
    assert Sample.objects.get(environment=Environment.PRODUCTION).second_verdicts == {}


def test_a_version_under_way_is_asked_once_for_its_sample_and_for_recorders(
    staging_key: WriteKey, shop: Source, order: Event, recorded: list[CheckedBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    coming = publish_next_version(order, definition("Order Completed", schema={"type": "object"}), sources=[shop])
    set_delivery_open(coming, shop, is_open=True)
    asked: list[int] = []

    def contract(version_id: int, source: Source) -> Contract:
        asked.append(version_id)
        return get_contract(version_id, source)

    monkeypatch.setattr("tracking.traffic.check.check_results.get_contract", contract)
    post_batch(staging_key, track_call())
    process_inbox()
    (event,) = recorded[0].events
    assert Sample.objects.get().second_verdicts == {str(coming.pk): event.validated_against(coming.pk, shop).as_json()}
    assert event.validated_against(event.version_id or 0, shop) is event.result
    assert asked == [coming.pk]
