"""One spelling of a name for rows and lookups, whatever came."""

import hashlib
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import clean_name, escape_text, json_text, name_hash

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Order Completed", "Order Completed"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("a\0b", "a\\u0000b"),
        ("\ud800x", "\\ud800x"),
        ("x" * 600, "x" * 512),
        (" kept ", " kept "),
        ("", ""),
    ],
)
def test_a_name_is_stored_so(name, spelled):
    assert clean_name(name) == spelled


def test_the_hash_is_of_the_whole_name():
    assert name_hash("Cafe\u0301") == name_hash("Caf\u00e9") == hashlib.sha256("Caf\u00e9".encode()).digest()
    assert name_hash("Order Completed") != name_hash("order completed")
    assert name_hash("x" * 600) != name_hash("x" * 601)
    assert clean_name("x" * 600) == clean_name("x" * 601)
    assert len(name_hash("x" * 10_000)) == 32


@given(ANY_TEXT)
def test_any_name_has_a_spelling_that_stays(name):
    spelled = clean_name(name)
    assert clean_name(spelled) == spelled
    assert len(spelled) <= 512
    assert "\0" not in spelled
    assert spelled.encode().decode() == spelled
    assert unicodedata.is_normalized("NFC", spelled)
    assert len(name_hash(name)) == 32


def test_a_long_name_of_marks_takes_no_long_time():
    started = time.monotonic()
    name_hash("a" + "\u0300\u0316" * 500_000)
    assert time.monotonic() - started < 2


@given(ANY_TEXT)
def test_escaping_twice_changes_nothing(text):
    assert escape_text(escape_text(text)) == escape_text(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("27.50", '"27.50"'),
        (27.5, "27.5"),
        (None, "null"),
        (True, "true"),
        ({"a": [1, {"b": "x"}]}, '{"a": [1, {"b": "x"}]}'),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        ("\0\ud800", '"\\u0000\\ud800"'),
        ({}, "{}"),
        ([], "[]"),
        (object(), "(object)"),
    ],
)
def test_values_as_text(value, text):
    assert json_text(value) == text


def test_texts_of_huge_values_are_cut():
    deep: object = 1
    for _ in range(10_000):
        deep = [deep]
    for value in (deep, "x" * 10**6, list(range(10**6)), dict.fromkeys(map(str, range(10**5)), 1), 10**300):
        assert len(json_text(value)) == 200
        assert json_text(value).endswith("…")
    assert json_text(10**5_000) == "(an integer of about 5001 digits)"
