"""Names that nobody defined, until somebody does."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Event, Source, WriteKey
from tests.factories.catalog import EventFactory
from tests.factories.traffic import check_all, send, track
from tracking.traffic.models import Sample, SeenName, TrafficCount
from tracking.traffic.undocumented import undocumented_names

pytestmark = pytest.mark.django_db


def test_they_are_listed_by_how_often_they_came(
    key: WriteKey, staging_key: WriteKey, order: Event, django_assert_max_num_queries: Any
) -> None:
    send(key, track("Rare"), track("Often"), track("Often"), track(), track(None))
    send(staging_key, track("Often"))
    check_all()

    with django_assert_max_num_queries(2):
        found = undocumented_names()
    assert [(one.seen_name.name, one.count, one.sources, one.environments) for one in found] == [
        ("Often", 3, ("web-shop",), ("production", "staging")),
        ("Rare", 1, ("web-shop",), ("production",)),
    ]
    assert [one.seen_name.name for one in undocumented_names(environment="staging")] == ["Often"]


def test_defining_one_joins_its_past_without_a_rewrite(key: WriteKey, shop: Source) -> None:
    send(key, track("Order Completed"), track("Order Completed"))
    check_all()
    assert len(undocumented_names()) == 1
    event = EventFactory.create(name="Order Completed", sources=[shop], is_live=True)

    assert undocumented_names() == []
    assert SeenName.objects.of(event).get().name == "Order Completed"
    assert TrafficCount.objects.of(event).totals()["count"] == 2
    assert Sample.objects.of(event).count() == 2
