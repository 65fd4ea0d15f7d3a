"""What a definition declares of its values, at every place where a schema can say it."""

import pytest

from catalog.models import Source, WriteKey
from tests.factories.catalog import EventFactory, definition
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.models import Sample

PUBLIC_TEXT = {"type": "string", "sensitivity": "none"}


@pytest.mark.django_db
def test_items_and_keys_with_slashes_are_heard(key: WriteKey, shop: Source) -> None:
    document = definition("Order Completed")
    document["schema"]["properties"] |= {
        "labels": {"type": "array", "items": PUBLIC_TEXT},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": PUBLIC_TEXT, "note": {}}}},
        "in/out": PUBLIC_TEXT,
        "up~down": PUBLIC_TEXT,
    }
    EventFactory.create(name="Order Completed", definition=document, sources=[shop], is_live=True)
    public = {"labels": ["gift", "sale"], "in/out": "in", "up~down": "up"}
    post_batch(key, track_call(properties={"total": 1, "lines": [{"sku": "s1", "note": "hi"}], **public}))
    process_inbox()
    shown = Sample.objects.get().event["properties"]
    assert {name: shown[name] for name in public} == public
    assert shown["lines"] == [{"sku": "s1", "note": "xx"}]
