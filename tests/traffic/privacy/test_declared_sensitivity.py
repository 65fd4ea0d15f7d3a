"""What a definition declares of its values, at every place where a schema can say it."""

import pytest

from catalog.models import Source, WriteKey
from tests.factories.catalog import EventFactory, definition
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.models import Sample
from tracking.traffic.privacy.pii_detection import is_sensitive_text

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


@pytest.mark.parametrize("number", ["5500 0000 0000 0004", "4111-1111-1111-1111", "6011000990139424"])
def test_card_numbers_are_known_by_their_check_digit(number: str) -> None:
    assert is_sensitive_text(number)
    assert not is_sensitive_text(number[:-1] + "9")
