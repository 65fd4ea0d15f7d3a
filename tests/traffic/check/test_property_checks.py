"""Expected and received: one line a property, an error before a warning, strays at the end."""

from __future__ import annotations

import pytest

from accounts.models import User
from catalog.contract import list_properties
from catalog.models import WriteKey
from catalog.services.sources import update_source
from catalog.services.write_keys import write_key_cache
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.check.property_checks import check_properties, property_checks_of_sample
from tracking.traffic.models import Sample

SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "coupon": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
    "required": ["total"],
}


@pytest.fixture
def key(db: None) -> WriteKey:
    source = SourceFactory.create(slug="web-shop")
    EventFactory.create(name="Order Completed", sources=[source], definition=definition(schema=SCHEMA), is_live=True)
    return create_write_key(source, "staging")


def found(key: WriteKey, **properties: object) -> dict[str, tuple[str, str]]:
    """Each side's state and what was received, by its label."""
    post_batch(key, track_call(properties=properties))
    process_inbox()
    return {
        side.label: (side.state, side.received) for side in property_checks_of_sample(Sample.objects.newest_first()[0])
    }


def test_each_property_is_right_wrong_missing_or_absent(key: WriteKey) -> None:
    assert found(key, total="27.50", lines=[{"sku": "a"}, {"sku": "b"}]) == {
        "total": ("wrong", '"27.50"'),
        "coupon": ("absent", ""),
        "lines": ("ok", '[{"sku": "a"}, {"sku": "b"}]'),
        "lines[].sku": ("ok", '"a", "b"'),
    }
    assert found(key, coupon="SPRING")["total"] == ("missing", "")


def test_a_null_that_counts_as_absent_is_shown_as_absent(key: WriteKey) -> None:
    assert found(key, total=1, coupon=None)["coupon"] == ("wrong", "null")
    update_source(key.source, null_handling="absent", by=User.objects.system())
    write_key_cache.entries.clear()
    assert found(key, total=1, coupon=None)["coupon"] == ("absent", "null")


def test_what_the_definition_does_not_name_stands_at_the_end(key: WriteKey) -> None:
    sides_found = list(found(key, total=1, colour="red").items())
    assert sides_found[-1] == ("colour", ("extra", '"red"'))


def test_of_a_name_that_nobody_defined_all_is_shown_as_it_came(key: WriteKey) -> None:
    post_batch(key, track_call("Somebody Else's", properties={"size": 7}))
    process_inbox()
    sample = Sample.objects.select_related("version").newest_first()[0]
    assert [(side.label, side.state, side.received) for side in property_checks_of_sample(sample)] == [
        ("size", "extra", "7")
    ]


def test_an_error_is_told_before_a_warning_at_the_same_place() -> None:
    lines = list_properties(definition(schema=SCHEMA))
    place = {"path": "/properties/total", "definition_path": "/properties/total", "came": "x"}
    broken = [place | {"rule": "clock", "severity": "warning"}, place | {"rule": "type", "severity": "error"}]
    messages = {side.label: side.message for side in check_properties(lines, {"properties": {"total": "x"}}, broken)}
    assert messages["total"].startswith("type: expected")
