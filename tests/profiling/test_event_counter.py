"""What is counted of the properties of events, and that the sums of parts are those of the whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import lz4.frame
import msgspec
import pytest
from datasketches import HLL_4, hll_sketch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.contract import Event
from tests.factories.catalog import definition
from tracking.profiling.distinct_count import STANDARD_ERROR, count_distinct, estimate, merge_sketches
from tracking.profiling.event_counter import MAX_ITEMS, EventCounter
from tracking.profiling.event_profile import EventProfile, PropertyProfile
from tracking.profiling.profile_delta import ProfileKey, pack_delta, unpack_delta
from tracking.profiling.property_plan import MAX_LISTED_VALUES, MAX_PROPERTIES, make_plan

SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "plan": {"enum": ["free", "pro", 1, True, None]},
        "is_gift": {"type": "boolean"},
        "products": {
            "type": "array",
            "items": {"type": "object", "properties": {"sku": {"type": "string"}, "kind": {"const": "book"}}},
        },
        "address": {"type": "object", "properties": {"city": {"type": "string"}}},
        "by_id": {"type": "object", "additionalProperties": {"type": "object", "properties": {"n": {}}}},
    },
}
TOTAL, PLAN, GIFT = "/properties/total", "/properties/plan", "/properties/is_gift"
SKU, KIND, CITY = "/properties/products/*/sku", "/properties/products/*/kind", "/properties/address/city"


def profile_of(*properties: Any, schema: dict[str, Any] = SCHEMA, **members: Any) -> EventProfile:
    counter = EventCounter(make_plan(definition("E", schema=schema, **members)))
    for number, value in enumerate(properties):
        counter.add(Event(call="track", event="E", properties=value), byte_count=10, person=number % 2)
    return counter.profile()


def counts(profile: EventProfile, path: str) -> tuple[int, int, int]:
    found = profile.properties[path]
    return found.parents, found.present, found.null


def test_each_property_is_counted_where_it_could_have_stood() -> None:
    profile = profile_of(
        {"total": 1, "products": [{"sku": "a"}, {"sku": None}, {}, "no object"]},
        {"total": None, "address": {"city": "Rome"}},
        {"address": {}},
        "no object",
        None,
    )
    assert (profile.events, profile.byte_count, profile.people_count) == (5, 50, 2)
    assert counts(profile, TOTAL) == (5, 2, 1)
    assert profile.properties[TOTAL].fill_rate == pytest.approx(0.2)
    assert counts(profile, SKU) == (3, 2, 1)
    assert counts(profile, CITY) == (2, 1, 0)
    assert counts(profile, "/properties/products") == (5, 1, 0)


def test_listed_values_are_counted_each_and_all_others_together() -> None:
    values = ["free", "free", "pro", "gold", 1, 1.0, True, False, 2]
    profile = profile_of(*({"plan": value} for value in values), {"is_gift": True}, {"is_gift": "yes"})
    assert profile.properties[PLAN].values == {'"free"': 2, '"pro"': 1, "1": 2, "true": 1, "(other)": 3}
    assert profile.properties[GIFT].values == {"true": 1, "(other)": 1}
    assert profile.properties[PLAN].distinct == b""


def test_a_value_that_is_called_as_the_others_together_is_not_one_of_them() -> None:
    schema = {"type": "object", "properties": {"a": {"enum": ["(other)"]}}}
    profile = profile_of({"a": "(other)"}, {"a": "x"}, schema=schema)
    assert profile.properties["/properties/a"].values == {'"(other)"': 1, "(other)": 1}


def test_other_values_are_counted_by_how_many_differ() -> None:
    profile = profile_of(*({"total": value} for value in (1, 1.0, 2, True, "1", "x", "x", {"a": 1}, [1])))
    assert profile.properties[TOTAL].distinct_values == 5  # 1 and 1.0 are one
    assert profile.properties[TOTAL].values == {}


def test_what_no_sketch_may_be_asked_is_not_in_it() -> None:
    guessed = hll_sketch(11, HLL_4)
    guessed.update("+49 170 1234567")
    assert count_distinct(["+49 170 1234567"]) != guessed.serialize_compact()


def test_wrong_types_are_those_that_the_check_found() -> None:
    counter = EventCounter(make_plan(definition("E", schema=SCHEMA)))
    event = Event(call="track", event="E", properties={"total": "1"})
    counter.add(event, byte_count=1, person=None, wrong_type_paths=[TOTAL, "/properties/undescribed"])
    profile = counter.profile()
    assert profile.properties[TOTAL].wrong_type == 1
    assert "/properties/undescribed" not in profile.properties
    assert profile.people_count == 0


def test_keys_that_nobody_named_are_not_counted_one_by_one() -> None:
    profile = profile_of({"by_id": {"u-1": {"n": 1}, "u-2": {"n": 2}}, "surprise": 1})
    assert sorted(profile.properties) == sorted(
        [TOTAL, PLAN, GIFT, SKU, KIND, CITY, "/properties/products", "/properties/address", "/properties/by_id"]
    )


def test_a_property_called_as_any_item_shares_no_count_with_items() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"*": {}, "b": {}, "?": {}}}}}
    profile = profile_of({"a": {"*": 1, "b": 2, "?": 3}}, {"a": [{"b": 1}]}, schema=schema)
    assert sorted(profile.properties) == ["/properties/a", "/properties/a/b"]
    assert counts(profile, "/properties/a/b") == (1, 1, 0)


def test_context_and_traits_are_counted_too() -> None:
    traits = {"type": "object", "properties": {"plan": {"enum": ["free", "pro"]}}}
    plan = make_plan(definition("E", call="identify", schema={"type": "object"}, traits=traits))
    counter = EventCounter(plan)
    counter.add(Event(call="identify", traits={"plan": "pro"}), byte_count=1, person=1)
    counter.add(Event(call="identify"), byte_count=1, person=1)
    assert counts(counter.profile(), "/traits/plan") == (2, 1, 0)


@pytest.mark.parametrize("count", [MAX_PROPERTIES, MAX_PROPERTIES + 40])
def test_so_many_properties_are_counted_and_no_more(count: int) -> None:
    schema = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(count)}}
    assert len(make_plan(definition("E", schema=schema)).paths) == MAX_PROPERTIES


def test_so_many_listed_values_are_counted_and_no_more() -> None:
    few = {"type": "object", "properties": {"a": {"enum": [f"v{number}" for number in range(MAX_LISTED_VALUES)]}}}
    many = {"type": "object", "properties": {"a": {"enum": [f"v{number}" for number in range(MAX_LISTED_VALUES + 1)]}}}
    assert profile_of({"a": "v1"}, schema=few).properties["/properties/a"].values == {'"v1"': 1}
    assert profile_of({"a": "v1"}, schema=many).properties["/properties/a"].distinct_values == 1


def test_long_lists_are_looked_into_as_far_as_said() -> None:
    profile = profile_of({"products": [{"sku": f"s{number}"} for number in range(MAX_ITEMS * 3)]})
    assert counts(profile, SKU) == (MAX_ITEMS, MAX_ITEMS, 0)


def test_a_definition_that_holds_its_own_kind_is_counted_as_far_as_it_is_listed() -> None:
    node = {"type": "object", "properties": {"label": {"type": "string"}, "next": {"$ref": "#/$defs/node"}}}
    schema = {"$defs": {"node": node}, "type": "object", "properties": {"first": {"$ref": "#/$defs/node"}}}
    value: dict[str, Any] = {"label": "end"}
    for _ in range(200):
        value = {"label": "x", "next": value}
    profile = profile_of({"first": value}, schema=schema)
    assert counts(profile, "/properties/first/label") == (1, 1, 0)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd") | st.text(max_size=2), inner),
    max_leaves=6,
)
PROPERTIES = st.dictionaries(
    st.sampled_from(["total", "plan", "is_gift", "products", "address", "by_id", "other"]),
    JSON_VALUES | st.sampled_from(["free", 1, True, [{"sku": "a", "kind": "book"}, {"sku": None}], {"city": "Rome"}]),
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PROPERTIES | JSON_VALUES, max_size=8), st.integers(0, 8))
def test_any_values_are_counted_and_parts_sum_up_to_the_whole(values: list[Any], cut: int) -> None:
    whole = profile_of(*values)
    parts = [profile_of(*values[:cut]), profile_of(*values[cut:])]
    stored = [EventProfile.unpack(part.pack()) for part in parts]
    summed = EventProfile.sum_of(stored)
    assert (summed.events, summed.byte_count) == (len(values), 10 * len(values))
    for path, found in whole.properties.items():
        added = summed.properties[path]
        assert (added.parents, added.present, added.null) == (found.parents, found.present, found.null)
        assert added.values == found.values
        assert added.distinct_values == found.distinct_values
        assert 0 <= found.null <= found.present <= found.parents


def test_rows_come_back_as_they_were() -> None:
    profile = profile_of({"total": 1, "plan": "free"})
    key = ProfileKey(date(2026, 11, 24), 7, "2.5.0")
    ((found_key, found),) = unpack_delta(pack_delta({key: profile}))
    assert (found_key, found) == (key, profile)


def test_a_row_of_before_a_field_was_added_is_read() -> None:
    old = lz4.frame.compress(msgspec.msgpack.encode([3, 30, b"", {"/properties/total": [3, 2]}]))
    assert EventProfile.unpack(old) == EventProfile(3, 30, b"", {"/properties/total": PropertyProfile(3, 2)})


@pytest.mark.parametrize("count", [1, 10, 300, 5_000, 100_000])
def test_estimates_are_as_far_off_as_said(count: int) -> None:
    halves = count_distinct(range(count // 2)), count_distinct(range(count // 3, count))
    found = estimate(merge_sketches(halves))
    assert abs(found - count) <= max(1, 4 * STANDARD_ERROR * count)


def test_sketches_of_nothing() -> None:
    assert merge_sketches([b"", b""]) == count_distinct([]) == b""
    assert estimate(b"") == 0
    assert estimate(merge_sketches([b"", count_distinct(["a"])])) == 1
