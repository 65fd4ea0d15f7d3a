"""What tests of profiles share: a source that sends, its key, and an event with properties of several kinds."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Event, Source, WriteKey
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.traffic.conftest import reset_process_state  # noqa: F401  an autouse fixture

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "coupon": {"type": "string"},
        "plan": {"type": "string", "enum": ["free", "pro", "team"], "sensitivity": "none"},
        "method": {"type": "string", "enum": ["card", "invoice"]},
    },
    "required": ["total"],
}


@pytest.fixture
def shop(db: None) -> Source:
    """The source that sends."""
    return SourceFactory.create(slug="web-shop")


@pytest.fixture
def key(shop: Source) -> WriteKey:
    """Its write key of production."""
    return create_write_key(shop, "production")


@pytest.fixture
def ios(db: None) -> Source:
    """Another source that sends."""
    return SourceFactory.create(slug="ios")


@pytest.fixture
def order(shop: Source, ios: Source) -> Event:
    """The event `Order Completed`, which both send: some values that are listed, one that is not sensitive."""
    document = definition("Order Completed", schema=SCHEMA)
    return EventFactory.create(name="Order Completed", definition=document, sources=[shop, ios], is_live=True)
