"""JSON itself: one equality, one way to a place, one notation of it, one type of a value."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import canonical_json, json_equal, json_text, parse_json, sanitize
from catalog.contract.json.json_type import json_type
from catalog.contract.json.pointers import (
    ABSENT,
    escape_key,
    format_pointer,
    parse_pointer,
    unescape_key,
    value_at,
    values_at,
    with_list_indices,
)

KEYS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
EVENT: dict[str, Any] = {
    "properties": {
        "lines": [{"sku": "a", "tags": [1, 2]}, {"sku": None}, "broken"],
        "free": {"x": {"n": 1}, "y": {"n": 2}, "z": {}},
        "0": "key",
        "a/b~c": 1,
        "?": {"n": 3},
        "*": 4,
        "": 5,
    }
}


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        (1, True, False),
        (0, False, False),
        ([0, 1], [False, True], False),
        ({"a": [{"b": 1}]}, {"a": [{"b": True}]}, False),
        (1, 1.0, True),
        (0, -0.0, True),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ({"a": None}, {}, False),
        (None, False, False),
        ("1", 1, False),
        ([], {}, False),
        (10**400, 10**400, True),
        (10**400, 10**400 + 1, False),
        (2**53, 2**53 + 1, False),
        (10**22, 1e22, True),
        (2**70, float(2**70), False),  # JSON text spells the float 1180591620717411300000
        (math.inf, 1e308, False),
    ],
)
def test_equality(one: Any, other: Any, is_equal: bool) -> None:
    assert json_equal(one, other) is is_equal
    assert json_equal(other, one) is is_equal


def test_equality_takes_any_depth() -> None:
    one: Any = 1
    other: Any = 1
    for _ in range(100_000):
        one, other = [one], [other]
    assert json_equal(one, other)


@given(JSON, JSON)
def test_values_are_equal_where_they_are_spelled_alike(one: Any, other: Any) -> None:
    assert json_equal(one, other) is (canonical_json(one) == canonical_json(other))
    assert json_equal(one, json.loads(canonical_json(one)))


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", EVENT),
        ("/properties/lines/0/sku", "a"),
        ("/properties/lines/1/sku", None),
        ("/properties/lines/00/sku", ABSENT),
        ("/properties/lines/-1", ABSENT),
        ("/properties/lines/3", ABSENT),
        ("/properties/lines/٠", ABSENT),
        ("/properties/lines/" + "9" * 5_000, ABSENT),
        ("/properties/lines/sku", ABSENT),
        ("/properties/lines/2/sku", ABSENT),
        ("/properties/0", "key"),
        ("/properties/a~1b~0c", 1),
        ("/properties/", 5),
        ("/nowhere", ABSENT),
    ],
)
def test_a_pointer_leads_to_one_value(pointer: str, expected: Any) -> None:
    assert value_at(EVENT, parse_pointer(pointer)) is expected
    assert value_at(EVENT, with_list_indices(EVENT, parse_pointer(pointer))) is expected


def test_indices_of_lists_are_told_from_keys() -> None:
    assert with_list_indices(EVENT, ["properties", "lines", "0", "sku"]) == ["properties", "lines", 0, "sku"]
    assert with_list_indices(EVENT, ["properties", "0", "0"]) == ["properties", "0", "0"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/properties/lines/*/sku", ["a", None]),
        ("/properties/lines/*/tags/*", [1, 2]),
        ("/properties/lines/1/sku", [None]),
        ("/properties/free/?/n", [1, 2]),
        ("/properties/?/n", [3]),
        ("/properties/*", [4]),
        ("/properties/lines/*/*", []),
        ("/properties/free/*", []),
        ("/properties/nowhere", []),
        ("", [EVENT]),
    ],
)
def test_a_definition_path_leads_to_every_value(path: str, expected: list[Any]) -> None:
    assert list(values_at(EVENT, parse_pointer(path))) == expected


@given(st.lists(KEYS, max_size=20))
def test_a_pointer_is_read_as_it_was_written(keys: list[str]) -> None:
    assert [unescape_key(escape_key(key)) for key in keys] == keys
    assert parse_pointer(format_pointer(keys)) == keys


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "integer"),
        (10**400, "integer"),
        (27.0, "number"),
        (math.nan, "null"),
        ("1", "string"),
        ([], "array"),
        ({}, "object"),
    ],
)
def test_the_type_of_a_value(value: Any, name: str) -> None:
    assert json_type(value) == name


@pytest.mark.parametrize("digits", [309, 1_234, 4_299, 4_300])
@pytest.mark.parametrize("sign", ["", "-"])
def test_an_integer_of_any_size_stays_what_it_was(digits: int, sign: str) -> None:
    text = sign + "7" * digits
    parsed = parse_json(b'{"n": [' + text.encode() + b"]}")

    assert parsed.parse_errors == ()
    assert json.dumps(sanitize(parsed.value)) == '{"n": [' + text + "]}"
    assert json_text(parsed.value["n"][0]) == text[:199] + "…"


def test_an_integer_that_no_encoder_writes_is_kept_as_text() -> None:
    assert sanitize([10**4_300, -(10**5_000)]) == ["1" + "0" * 4_300, "-1" + "0" * 5_000]
