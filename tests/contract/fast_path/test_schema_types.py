"""Which values the types accept, near what msgspec, Python and the validator take differently."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contract.fast_path.narrow_formats import narrow_format
from catalog.contract.fast_path.narrow_patterns import narrow_pattern
from catalog.contract.fast_path.not_fast import NotFast
from tests.contract.fast_path.fast_events import fast_contract, outcome, outcome_of_value

BIG = 2**53


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, "1", "accepted"),
        ({"type": "integer"}, "-0", "accepted"),
        ({"type": "integer"}, "1.0", "refused"),
        ({"type": "integer"}, "1e0", "refused"),
        ({"type": "integer"}, "true", "broken"),
        ({"type": "integer", "minimum": 0.5}, "1", "accepted"),
        ({"type": "integer", "minimum": 0.5}, "0", "broken"),
        ({"type": "integer", "exclusiveMaximum": 2.0}, "2", "broken"),
        ({"type": "integer", "maximum": 2**63}, str(2**63 - 1), "accepted"),
        ({"type": "integer", "maximum": 2**63}, str(2**63 + 1), "broken"),
        ({"type": "integer", "minimum": BIG + 1}, str(BIG), "broken"),
        ({"type": "integer", "minimum": BIG + 1}, str(BIG + 1), "accepted"),
        ({"type": "integer", "multipleOf": 3}, "9", "accepted"),
        ({"type": "number"}, str(2**64), "refused"),
        ({"type": "number"}, "1e400", "broken"),
        ({"type": "number", "minimum": 0}, "-0.0", "accepted"),
        ({"type": "number", "maximum": 0.3}, "0.30000000000000004", "broken"),
        ({"type": "number", "exclusiveMinimum": 0}, "5e-324", "accepted"),
        ({"type": "number", "exclusiveMinimum": 0}, "1e-400", "broken"),
        ({"enum": ["a", 1, None]}, '"\\u0061"', "refused"),
        ({"enum": ["a", 1, None]}, "null", "accepted"),
        ({"enum": ["a", 1, None]}, "true", "broken"),
        ({"enum": [True, False, "x"]}, "true", "accepted"),
        ({"enum": [True]}, "1", None),
        ({"enum": ["a", "bb"], "maxLength": 1}, '"bb"', "broken"),
        ({"type": "string", "maxLength": 1}, '"😀"', "accepted"),
        ({"type": "string", "maxLength": 1}, '"e\u0301"', "broken"),
        ({"type": ["string", "null"], "minLength": 1}, "null", "accepted"),
        ({"type": ["string", "array"], "pattern": "^a$"}, "[]", None),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 1}, "[true]", "accepted"),
        ({"type": "array", "uniqueItems": True}, "[1]", None),
        ({"type": "number", "maximum": BIG + 1}, "1", None),
        ({"type": "number", "multipleOf": 0.1}, "0.3", None),
        ({"type": "object", "patternProperties": {"a": {}}}, "{}", None),
        ({"type": "object", "required": ["a"]}, '{"a": 1}', None),
        ({"$ref": "#"}, '{"a": {}}', None),
        ({"allOf": [{"type": "string"}]}, '"a"', None),
        (False, "1", None),
        ({"type": "string", "format": "date-time"}, '"2026-03-31T09:26:53.589Z"', "accepted"),
        ({"type": "string", "format": "date-time"}, '"2026-03-14T09:26:53"', "broken"),
        ({"type": "string", "format": "date-time"}, '"2024-02-29T09:26:53Z"', "refused"),
        ({"type": "string", "format": "no-format"}, '"anything"', "accepted"),
        ({"type": "string", "format": "regex"}, '"a"', None),
        ({"type": "string", "format": "date", "pattern": "^2"}, '"2026-03-14"', None),
    ],
)
def test_a_value_is_accepted_refused_or_not_fast(schema: Any, value: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(NotFast):
            outcome_of_value(schema, value)
    else:
        assert outcome_of_value(schema, value) == expected


@pytest.mark.parametrize(
    ("pattern", "matching", "not_matching"),
    [
        ("^[a-z_]+$", ["a_b"], ["a_b\n", "é", ""]),
        (r"^\d+$", ["12"], ["٣", "12\n"]),
        (r"^\w$", ["a", "_"], ["é", "ſ"]),
        ("^a.c$", ["abc", "a😀c"], ["a\nc", "a\rc", "a\u2028c"]),
        ("^(EUR|USD)$", ["EUR"], ["EUR\n", "EURUSD"]),
        ("^([a-z]+-)*[a-z]$", ["a-b"], ["a-", "-"]),
        (r"^a\$", ["a$", "a$b"], ["a"]),
        (r"^[\w.-]+@$", ["a.b@"], ["é@"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
    ],
)
def test_a_narrow_pattern_matches_no_more(pattern: str, matching: list[str], not_matching: list[str]) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
    assert {outcome(schema, json.dumps({"a": text})) for text in matching} == {"accepted"}
    assert {outcome(schema, json.dumps({"a": text})) for text in not_matching} <= {"refused", "broken"}


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "[a-z]",
            "a$",
            "^a|b$",
            "^(?=a)a$",
            "^(?i)a$",
            r"^\p{L}$",
            r"^\bа$",
            "^é$",
            r"^\1$",
            "^[a-z&&b]$",
            "^[^\\w]$",
        ),
        *("^(a", "^a)", "^a**$", "^a+?$", "^{2}$", "^a{1,1001}$", "^(a{40}){40}$", "^a$b$", "^[[:alpha:]]$", r"^\x41$"),
    ],
)
def test_a_pattern_that_may_mean_something_else_is_not_fast(pattern: str) -> None:
    with pytest.raises(NotFast):
        narrow_pattern(pattern)


def test_no_pattern_takes_long() -> None:
    """Python's engine goes back for ever on these; possessive quantifiers do not."""
    text = "a" * 200_000 + "!"
    for pattern in ("^(a+)+$", "^(a|a)*$", "^(a*)*b$", "^([a-z]+)*-$", "^(.*a){20}$", "^a*a*a*a*b$"):
        schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
        assert outcome(schema, f'{{"a": "{text}"}}') in ("refused", "broken")


@pytest.mark.parametrize("name", ["date", "time", "date-time", "uuid", "ipv4", "hostname", "email", "uri"])
def test_a_narrow_format_is_a_whole_text(name: str) -> None:
    pattern = narrow_format(name)
    assert pattern is not None and pattern.startswith(r"\A(?:") and pattern.endswith(r")\Z")


def test_a_schema_that_is_very_large_is_not_fast() -> None:
    names = {f"p{number}": {"$ref": "#/$defs/many"} for number in range(200)}
    many = {"type": "object", "properties": {f"q{number}": {"type": "string"} for number in range(20)}}
    with pytest.raises(NotFast):
        fast_contract({"type": "object", "properties": names, "$defs": {"many": many}})
