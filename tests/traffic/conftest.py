"""What tests of arriving traffic share: a source with its keys, one defined event, and no message to any broker."""

from __future__ import annotations

import pytest

from catalog.models import Event, Source, WriteKey
from catalog.services.write_keys import write_key_cache
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tracking.traffic.check import worker
from tracking.traffic.check.id_spellings import SpellingMemory
from tracking.traffic.collect import ingestion
from tracking.traffic.collect.back_pressure import inbox_capacity
from tracking.traffic.collect.rate_limits import rate_limiter
from tracking.traffic.collect.refusal_log import refusal_log
from tracking.traffic.collect.throttle_log import throttle_log
from tracking.traffic.collect.wake_up import wake_up_sender


@pytest.fixture(autouse=True)
def reset_process_state(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let this process know nothing of the tests before, and keep its wake-ups in a list."""
    wake_ups: list[str] = []
    monkeypatch.setattr(wake_up_sender, "send", lambda: wake_ups.append("look"))
    inbox_capacity.invalidate()
    inbox_capacity.bytes_by_source = {}
    inbox_capacity.oldest_received_at = None
    write_key_cache.entries.clear()
    rate_limiter.clear()
    throttle_log.refusals.clear()
    refusal_log.counts.clear()
    refusal_log.kinds_of_minute.clear()
    monkeypatch.setattr(ingestion, "key_usage_recorder", ingestion.KeyUsageRecorder())
    worker.recorders.cache_clear()
    monkeypatch.setattr(worker, "spelling_memory", SpellingMemory())
    return wake_ups


@pytest.fixture
def shop(db: None) -> Source:
    """The source that sends."""
    return SourceFactory.create(slug="web-shop")


@pytest.fixture
def key(shop: Source) -> WriteKey:
    """Its write key of production."""
    return create_write_key(shop, "production")


@pytest.fixture
def staging_key(shop: Source) -> WriteKey:
    """Its write key of staging."""
    return create_write_key(shop, "staging")


@pytest.fixture
def order(shop: Source) -> Event:
    """The event `Order Completed`, which the shop sends: a required number `total`, an optional text `coupon`."""
    return EventFactory.create(name="Order Completed", sources=[shop], is_live=True)
