"""Which ids there are, in which spellings, and which events are theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contract import Event
from erasure.choices import SubjectKind
from erasure.subject import MAX_ID_LENGTH, Subject, UnusableId
from tracking.traffic.privacy.pseudonyms import person_hash, pseudonym


@pytest.mark.parametrize(
    "id",
    ["", " ", "null", "undefined", "[object Object]", "0", "-1", "00000000-0000-0000-0000-000000000000", "anonymous"],
)
def test_what_programs_write_for_nobody_is_refused(id: str) -> None:
    with pytest.raises(UnusableId, match="names nobody"):
        Subject(id)


@pytest.mark.parametrize("id", ["a\x00b", "\ud800", "x" * (MAX_ID_LENGTH + 1), "x" * 10_000_000])
def test_what_is_no_id_is_refused(id: str) -> None:
    with pytest.raises(UnusableId):
        Subject(id)


@pytest.mark.parametrize(
    ("id", "event", "is_theirs"),
    [
        ("u-4711", Event(call="track", user_id="u-4711"), True),
        ("u-4711", Event(call="track", user_id="U-4711 "), True),
        ("u-4711", Event(call="track", anonymous_id="u-4711"), True),
        ("u-4711", Event(call="track", user_id="u-47110"), False),
        ("u-4711", Event(call="track", properties={"a": [{"b": "u-4711"}]}), True),
        ("u-4711", Event(call="track", context={"traits": {"U-4711": 1}}), True),
        ("u-4711", Event(call="track", properties={"a": "about u-4711"}), False),
        ("42", Event(call="track", user_id=42), True),
        ("42", Event(call="track", user_id=42.0), True),
        ("42", Event(call="track", user_id="42"), True),
        ("42", Event(call="track", properties={"quantity": "42"}), False),
        ("42", Event(call="alias", context={"previousId": "42"}), True),
        ("001D0IqhSa", Event(call="track", user_id="001D0IqhSA"), False),
        ('O\'Brien "x" \u202e', Event(call="track", user_id='O\'Brien "x" \u202e'), True),
        ("u-4711", Event(call="track", user_id={"id": "x"}, properties="u-4711"), True),
        ("u-4711", Event(call="track"), False),
    ],
)
def test_whose_an_event_is(id: str, event: Event, is_theirs: bool) -> None:
    assert Subject(id).owns(event) is is_theirs


@pytest.mark.parametrize(("kind", "is_theirs"), [("user", False), ("device", True), ("any", True)])
def test_the_kind_says_where_the_id_stands(kind: str, is_theirs: bool) -> None:
    assert Subject("u-4711", SubjectKind(kind)).owns(Event(call="track", anonymous_id="u-4711")) is is_theirs


def test_a_stored_event_is_known_by_its_pseudonym() -> None:
    assert Subject("u-4711").owns_stored({"user_id": pseudonym("u-4711")})
    assert not Subject("u-4711").owns_stored({"user_id": pseudonym("u-4712")})
    long = "x" * 3_000
    assert Subject(long).owns_stored({"user_id": long[:1_000]})


def test_a_spelling_that_was_met_is_looked_for_by_its_hash() -> None:
    subject = Subject("Anna Smith")
    assert person_hash("aNNA sMITH") not in subject.hashes
    assert subject.owns(Event(call="track", user_id="aNNA sMITH"))
    assert {person_hash("Anna Smith"), person_hash("aNNA sMITH")} <= subject.hashes


@pytest.mark.parametrize(
    ("id", "value"),
    [
        ("u-4711", "u-4711"),
        ("u-4711", " U-4711"),
        ("müller-1", "müller-1"),
        ("a/b-4711", "a/b-4711"),
        ("100", 1e2),
        ("100", 100),
        ('say "hi" 1', 'say "hi" 1'),
        ("straße-12", "STRASSE-12"),
        ("skye-4711", "ſkye-4711"),
    ],
)
def test_bytes_that_hold_an_id_are_never_passed_over(id: str, value: Any) -> None:
    subject = Subject(id)
    assert subject.owns(Event(call="track", user_id=value))
    for body in (json.dumps({"userId": value}), json.dumps({"userId": value}, ensure_ascii=False)):
        assert subject.may_be_in(body.encode())
        assert subject.may_be_in(body.replace("/", "\\/").encode())
    escaped = "".join(f"\\u{ord(character):04x}" for character in str(value))
    assert subject.may_be_in(f'{{"userId": "{escaped}"}}'.encode())


def test_bytes_without_an_id_are_passed_over() -> None:
    assert not Subject("u-4711").may_be_in(json.dumps({"userId": "u-4712"}).encode())


def test_a_receipt_is_known_by_nothing_else() -> None:
    subject = Subject("u-4711")
    assert subject.receipt_id == Subject("U-4711 ").receipt_id != Subject("u-4712").receipt_id
    assert subject.receipt_id not in pseudonym("u-4711")


@pytest.mark.parametrize("value", ["u-4711", "U-4711 ", pseudonym("u-4711")])
def test_a_stored_text_that_holds_an_id_is_never_passed_over(value: str) -> None:
    assert Subject("u-4711").may_be_in_stored(json.dumps({"user_id": value}))
    assert not Subject("u-4711").may_be_in_stored(json.dumps({"user_id": "u-4712"}))
    assert Subject("x" * 3_000).may_be_in_stored("{}")


@pytest.mark.parametrize("written", ["u-4711", "U-47 11", "\\u0075-4711", "x\\/u-4711\\"])
def test_bytes_that_nobody_can_read_are_searched(written: str) -> None:
    assert Subject("u-4711").stands_in(f'{{"batch": [{{"userId": "{written}'.encode())
    assert not Subject("u-4712").stands_in(written.encode())


def test_an_id_outside_of_the_basic_plane_is_found_in_escapes() -> None:
    assert Subject("ann-\U0001f600-1").stands_in(b'{"userId": "ann-\\ud83d\\ude00-1')
    assert not Subject("ann-\U0001f600-1").stands_in(b"\xff\xfe \\ud83d")


def test_a_pseudonym_is_whoever_it_stands_for() -> None:
    shown = pseudonym("u-4711")
    subject = Subject(shown)
    assert person_hash("u-4711") in subject.hashes
    assert subject.owns_stored({"user_id": shown})
    assert subject.may_be_in(b'{"userId": "u-4711"}') and subject.owns(Event(call="track", user_id="u-4711"))
    assert "u-4711" in subject.spellings, "the id is known once it was met in clear"
    assert not subject.owns(Event(call="track", user_id="u-4712"))
    own = Subject("id-00000000000000zz")
    assert not own.is_pseudonym and len(own.hashes) == len(own.spellings)


def test_what_looks_like_a_pseudonym_may_be_an_id() -> None:
    subject = Subject("id-0123456789abcdef")
    assert person_hash("id-0123456789abcdef") in subject.hashes
    assert subject.owns(Event(call="track", user_id="id-0123456789abcdef"))
