"""What tests of arriving traffic share: a source with its keys, one defined event, and no message to any broker."""

from __future__ import annotations

import pytest

from catalog.models import Event, Source, WriteKey
from catalog.services.write_keys import keys
from tests.factories.catalog import EventFactory, SourceFactory, key_of
from tracking.traffic.check import worker
from tracking.traffic.collect import ingestion
from tracking.traffic.collect.back_pressure import inbox_gauge
from tracking.traffic.collect.wake_up import nudger


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let this process know nothing of the tests before, and keep its nudges in a list."""
    nudges: list[str] = []
    monkeypatch.setattr(nudger, "send", lambda: nudges.append("look"))
    inbox_gauge.forget()
    inbox_gauge.by_source = {}
    inbox_gauge.oldest = None
    keys.known.clear()
    ingestion.keys_seen.noted.clear()
    worker.recorders.cache_clear()
    return nudges


@pytest.fixture
def shop(db: None) -> Source:
    """The source that sends."""
    return SourceFactory.create(slug="web-shop")


@pytest.fixture
def key(shop: Source) -> WriteKey:
    """Its write key of production."""
    return key_of(shop, "production")


@pytest.fixture
def staging_key(shop: Source) -> WriteKey:
    """Its write key of staging."""
    return key_of(shop, "staging")


@pytest.fixture
def order(shop: Source) -> Event:
    """The event `Order Completed`, which the shop sends: a required number `total`, an optional text `coupon`."""
    return EventFactory.create(name="Order Completed", sources=[shop], is_live=True)
