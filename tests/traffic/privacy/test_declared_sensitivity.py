"""What a definition declares of its values, at every place where a schema can say it."""

import pytest

from catalog.models import Source, WriteKey
from tests.factories.catalog import EventFactory, definition
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.models import Sample

NAMES = {"nickname": "Annie", "plan": "gold", "contact": "anna@example.org", "note": "bob@example.org"}

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


@pytest.mark.django_db
@pytest.mark.parametrize(("is_production", "plan"), [(True, "gold"), (False, "gold")])
def test_what_is_said_of_traits_holds_where_they_come_in_the_context(
    key: WriteKey, staging_key: WriteKey, shop: Source, is_production: bool, plan: str
) -> None:
    """RudderStack's SDKs send traits in the context alone, and most SDKs repeat them there."""
    personal = {"type": "string", "sensitivity": "personal"}
    traits = {"type": "object", "properties": {"nickname": personal, "plan": PUBLIC_TEXT, "contact": personal}}
    document = definition("identify", call="identify", schema={"type": "object"}, traits=traits)
    EventFactory.create(name="identify", call="identify", definition=document, sources=[shop], is_live=True)
    call = {"type": "identify", "userId": "u1", "messageId": "m1", "context": {"traits": NAMES}}
    post_batch(key if is_production else staging_key, call)
    process_inbox()

    sample = Sample.objects.get()
    for stored in (sample.event["traits"], sample.event["context"]["traits"]):
        assert (stored["nickname"], stored["plan"], stored["contact"]) == ("Xxxxx", plan, "xxxx@xxxxxxx.xxx")
    told = [violation["path"] for violation in sample.violations if violation["rule"] == "sensitive"]
    assert told == ["/traits/note"]
