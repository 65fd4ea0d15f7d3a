"""What is drawn from samples fits every one of them, and says what it rests on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import Event, ParseError, Verdict, compile_contract, find_problems, infer_definition

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["2026-03-14", "2026-03-14T09:26:53Z", "ada@example.com", "https://a.example/", "10.0.0.1", ""])
    | st.datetimes().map(lambda moment: moment.isoformat() + "Z")
    | st.uuids().map(str)
)
KEYS = st.sampled_from(["a", "b", "c"]) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


def events(*properties, **fields):
    return [Event(**({"call": "track", "event": "x"} | fields), properties=each) for each in properties]


@given(st.lists(st.none() | st.dictionaries(KEYS, VALUES, max_size=5), min_size=1, max_size=12))
def test_every_sample_conforms(samples):
    given_events = events(*samples)
    inference = infer_definition(given_events)

    assert find_problems(inference.document) == []
    contract = compile_contract(inference.document)
    assert all(contract.check(event).verdict is Verdict.CONFORMING for event in given_events)


def test_what_is_drawn():
    sample = {
        "id": "3f2b8c1e-5d4a-4e6f-9b7c-1a2d3e4f5a6b",
        "total": 27,
        "at": "2026-03-14T09:26:53Z",
        "day": date(2026, 3, 14).isoformat(),
        "mail": "ada@example.com",
        "page": "https://shop.example.com/cart",
        "plan": "free",
        "products": [{"sku": "a", "quantity": 1}, {"sku": "b"}],
        "coupon": None,
    }
    samples = [sample | {"plan": ("free", "pro")[number % 2]} for number in range(20)]
    samples[0] = samples[0] | {"total": 27.5, "coupon": "SPRING", "rare": True}

    inference = infer_definition(events(*samples))

    schema = inference.document["schema"]
    assert schema["properties"] == {
        "at": {"type": "string", "format": "date-time"},
        "coupon": {"type": ["null", "string"]},
        "day": {"type": "string", "format": "date"},
        "id": {"type": "string", "format": "uuid"},
        "mail": {"type": "string", "format": "email"},
        "page": {"type": "string", "format": "uri"},
        "plan": {"type": "string"},
        "products": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"quantity": {"type": "integer"}, "sku": {"type": "string"}},
                "required": ["sku"],
            },
        },
        "rare": {"type": "boolean"},
        "total": {"type": "number"},
    }
    assert schema["required"] == sorted(sample)
    evidence = {each.path: each for each in inference.statistics}
    assert inference.sample_count == 20
    assert (evidence["/properties/rare"].seen, evidence["/properties/rare"].of) == (1, 20)
    assert evidence["/properties/total"].type_counts == {"integer": 19, "number": 1}
    assert evidence["/properties/plan"].values == ("free", "pro")
    assert evidence["/properties/at"].format == "date-time"
    assert (evidence["/properties/products/*/quantity"].seen, evidence["/properties/products/*/quantity"].of) == (
        20,
        40,
    )


def test_few_samples_require_nothing():
    assert "required" not in infer_definition(events({"a": 1}, {"a": 2})).document["schema"]


def test_identify_speaks_of_traits():
    event = Event(call="identify", traits={"plan": "free"})
    inference = infer_definition([event])

    assert (inference.document["name"], inference.document["call"]) == ("identify", "identify")
    assert compile_contract(inference.document).is_valid_strictly(event)
    assert inference.statistics[0].path == "/traits/plan"


def test_an_object_with_many_keys_has_free_keys():
    samples = [{"prices": {f"sku-{number}-{at}": at for at in range(30)}} for number in range(10)]
    inference = infer_definition(events(*samples))

    assert inference.document["schema"]["properties"]["prices"] == {"type": "object", "additionalProperties": True}
    assert compile_contract(inference.document).is_valid_strictly(events(*samples)[0])


def test_what_cannot_conform_is_left_out():
    broken = Event(
        call="track", event="x", properties={"a": None}, parse_errors=(ParseError("/properties/a", "NaN is not JSON"),)
    )
    inference = infer_definition([broken, *events([1], "text", {"a": 1})])

    assert inference.sample_count == 1
    assert inference.document["schema"]["properties"] == {"a": {"type": "integer"}}


@pytest.mark.parametrize("name", [None, "", " ", "n" * 10_000, "a\0b", 3])
def test_any_name_becomes_one(name):
    assert find_problems(infer_definition(events({}, event=name)).document) == []


@pytest.mark.parametrize("depth", [20, 200])
def test_depth(depth):
    value: object = 1
    for _ in range(depth):
        value = {"a": [value]}
    sample = events(value)
    document = infer_definition(sample).document

    assert find_problems(document) == []
    assert compile_contract(document).check(sample[0]).verdict is Verdict.CONFORMING


def test_nothing_to_infer_from():
    with pytest.raises(ValueError, match="no events"):
        infer_definition([])
