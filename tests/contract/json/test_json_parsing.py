"""The corpus of bodies: what is read, what is faulty and where, and why a body cannot be read."""

import json
import time
from itertools import groupby

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import ParsedJson, ParseError, UnparsableBody, parse_errors_below, parse_json
from catalog.contract.json.lenient_parser import LenientParser
from tests.contract.corpus import corpus

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def body_of(spelled):
    if "text" in spelled:
        return spelled["text"].encode()
    if "hex" in spelled:
        return bytes.fromhex(spelled["hex"])
    pieces = spelled["pieces"]
    pieces = [pieces] if isinstance(pieces[0], str) else pieces
    return "".join(text * times for text, times in pieces).encode()


CASES = corpus("readings")


@pytest.mark.parametrize("case", [case for case in CASES if "value" in case], ids=lambda case: case["name"])
def test_what_is_read(case):
    body = body_of(case["body"])

    reading = parse_json(body)

    assert reading.value == (json.loads(body) if case.get("same") else case["value"])
    assert [[fault.pointer, fault.reason] for fault in reading.parse_errors] == case["faults"]


@pytest.mark.parametrize("case", [case for case in CASES if "reason" in case], ids=lambda case: case["name"])
def test_what_cannot_be_read(case):
    with pytest.raises(UnparsableBody) as caught:
        parse_json(body_of(case["body"]))
    assert caught.value.reason == case["reason"]


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"b":'])
def test_depth_is_cut_not_refused(opening):
    closing = {"[": "]", '{"a":': "}", '[{"b":': "}]"}[opening]
    body = f'{{"batch":[{{"ok":1}},{opening * 1_000}1{closing * 1_000}]}}'.encode()

    reading = parse_json(body)

    assert reading.value["batch"][0] == {"ok": 1}
    assert [fault.reason for fault in reading.parse_errors] == ["nested deeper than 254 levels"]
    assert reading.parse_errors_below("/batch/0") == ()
    assert len(reading.parse_errors_below("/batch/1")) == 1
    msgspec.json.encode(reading.value)  # no encoder chokes on what was kept


@given(JSON)
def test_both_parsers_read_the_same(value):
    body = msgspec.json.encode(value)
    expected = msgspec.json.decode(body)

    assert LenientParser(body).parse() == (expected, ())
    assert parse_json(body) == ParsedJson(expected)


def read_or_refuse(body: bytes) -> None:
    try:
        reading = parse_json(body)
    except UnparsableBody as unreadable:
        assert unreadable.reason
    else:
        msgspec.json.encode(reading.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    read_or_refuse(body)


@given(st.text(alphabet='[]{}:,"\\u0dN-e1a \t\x00', max_size=60))
def test_any_tokens_are_read_or_refused(text):
    read_or_refuse(text.encode())


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c:"]), st.integers(0, 9)), max_size=6))
def test_every_duplicate_key_is_found(members):
    body = "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in members) + "}"
    keys = sorted(key for key, _ in members)
    repeated = sorted(key for key, same in groupby(keys) for _ in list(same)[1:])

    reading = parse_json(body.encode())

    assert reading.value == dict(members)
    assert [fault.pointer[1:] for fault in reading.parse_errors] == repeated


def test_faults_lead_to_their_events():
    faults = tuple(sorted(ParseError(f"/batch/{number}/p", "x") for number in (1, 10, 2, 3)))
    faults = tuple(
        sorted([*faults, ParseError("/batch/1", "y"), ParseError("/batch/1!", "z"), ParseError("/batch", "w")])
    )

    assert parse_errors_below(faults, "/batch/1") == (ParseError("", "y"), ParseError("/p", "x"))
    assert parse_errors_below(faults, "/batch/10") == (ParseError("/p", "x"),)
    assert parse_errors_below(faults, "/batch/4") == ()
    assert len(parse_errors_below(faults, "")) == len(faults)


def test_many_faults_keep_their_events_and_stay_bounded():
    events = ",".join('{"properties":{"x":[' + ",".join(["NaN"] * 20) + "]}}" for _ in range(2_000))
    reading = parse_json(f'{{"batch":[{events}]}}'.encode())

    assert len(reading.parse_errors) < 3_500
    assert all(reading.parse_errors_below(f"/batch/{number}") for number in range(2_000))


def test_too_many_faults_are_unreadable():
    with pytest.raises(UnparsableBody, match="too much"):
        parse_json(b"[" + b"NaN," * 30_000 + b"1]")


@pytest.mark.parametrize(
    "body",
    [
        b'["' + b"\\" * 2_000_000 + b'"]',
        b'["' + b'\\"' * 1_000_000,
        b"[" * 1_000_000,
        b"[" + b"1" * 2_000_000 + b"]",
        b"[" + b" " * 2_000_000 + b"NaN]",
        b'{"' + b"k" * 1_000_000 + b'":[' + b"NaN," * 1_000 + b"1]}",
    ],
    ids=["backslashes", "quotes", "brackets", "digits", "spaces", "long key"],
)
def test_two_megabytes_take_no_longer_for_being_broken(body):
    started = time.monotonic()
    try:
        reading = parse_json(body)
    except UnparsableBody:
        pass
    else:
        assert sum(len(fault.pointer) for fault in reading.parse_errors) < 2_000_000
    assert time.monotonic() - started < 5
