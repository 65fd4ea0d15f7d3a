"""Names and app versions past what one hour admits."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Event, WriteKey
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.traffic.models import HourlyDistinctValue, SeenName, TrafficCount

pytestmark = pytest.mark.django_db


def test_names_past_the_cap_are_counted_under_one_row(key: WriteKey, order: Event, settings: Any) -> None:
    settings.MAX_EVENT_NAMES_PER_HOUR = 3
    for start in (0, 10):
        post_batch(key, *(track_call(f"Spam {start + number}") for number in range(5)), track_call())
        process_inbox()

    assert counts_by_verdict(seen_name__name="(other)") == {"undocumented": 7}
    assert counts_by_verdict(seen_name__name="Order Completed") == {"conforming": 2}
    assert SeenName.objects.filter(name__startswith="Spam").count() == 3
    assert HourlyDistinctValue.objects.filter(kind="name").count() == 3


def test_app_versions_past_the_cap_are_counted_under_one_row(key: WriteKey, order: Event, settings: Any) -> None:
    settings.MAX_APP_VERSIONS_PER_HOUR = 2
    post_batch(key, *(track_call(context={"app": {"version": f"1.{number}"}}) for number in range(5)))
    process_inbox()

    assert counts_by_verdict(app_version="(other)") == {"conforming": 3}
    assert set(TrafficCount.objects.values_list("version_id", flat=True)) == {order.newest_version_id}


def test_one_environment_s_versions_use_up_no_other_s_cap(
    key: WriteKey, staging_key: WriteKey, order: Event, settings: Any
) -> None:
    settings.MAX_APP_VERSIONS_PER_HOUR = 2
    post_batch(key, *(track_call(context={"app": {"version": f"1.{number}"}}) for number in range(5)))
    process_inbox()
    post_batch(staging_key, track_call())
    process_inbox()

    assert counts_by_verdict(app_version="(other)", environment="production") == {"conforming": 3}
    assert counts_by_verdict(app_version="2.4.1", environment="staging") == {"conforming": 1}
