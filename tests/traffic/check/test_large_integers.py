"""Integers of any size come through the check as they were sent: counted, shown as samples, and in findings."""

from __future__ import annotations

import pytest

from catalog.models import WriteKey
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.traffic.models import Sample

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}, "list": {"type": "array"}}}


@pytest.fixture
def key(db: None) -> WriteKey:
    source = SourceFactory.create(slug="web-shop")
    EventFactory.create(name="Order Completed", sources=[source], definition=definition(schema=SCHEMA), is_live=True)
    return create_write_key(source, "staging")


@pytest.mark.parametrize("digits", [19, 20, 309, 400, 4_300])
def test_an_integer_comes_back_as_it_was_sent(key: WriteKey, digits: int) -> None:
    number = int("7" * digits)

    post_batch(key, track_call(properties={"n": number, "list": [-number, {"inner": number}], "unknown": number}))
    process_inbox()

    sample = Sample.objects.get()
    assert sample.verdict == "conforming"
    assert sample.event["properties"] == {"n": number, "list": [-number, {"inner": number}], "unknown": number}


def test_of_a_finding_the_sample_holds_the_whole_integer(key: WriteKey) -> None:
    number = -int("7" * 400)

    post_batch(key, track_call(properties={"n": number}))
    process_inbox()

    finding = Finding.objects.get()
    assert (finding.rule, finding.path) == ("minimum", "/properties/n")
    assert finding.samples[0]["event"]["properties"]["n"] == number
    assert str(number).startswith(finding.came.rstrip("…"))
