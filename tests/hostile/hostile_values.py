"""Values that broke programs before: what parsers, casts and the database take badly."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

Value = TypeVar("Value")

STEP = int(os.environ.get("HOSTILE_STEP", "6"))
"""Each place is tried with every so many-th value, and the next place begins with another; 1 tries all of them."""

TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",  # half of a surrogate pair: valid in JSON, no Unicode text
    "\U0001f469\u200d\U0001f680\u202e",
    "'\"`;--\\",
    "%s%(x)s{x}{{ x }}{% x %}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "x" * 5_000,
    "(" * 300,
)
"""Texts of no meaning anywhere."""

NUMBERS = (
    "0",
    "-1",
    "2147483648",  # past int
    "9223372036854775807",
    "9223372036854775808",  # past bigint
    "9" * 40,
    "9" * 5_000,  # more digits than Python reads
    "1e400",
    "NaN",
    "-Infinity",
    "1_000",
    "٣",  # a digit to Python's int()
    "²",  # a digit to str.isdigit()
    "0x10",
)
"""Where a number is due."""

MOMENTS = (
    "0000-00-00",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31",
    "99999-01-01",
    "2026-02-30",
    "2026-01-01T00:00:00+99:99",
    "2026-01-01T00:00:00+23:59",  # a time to Python, and no offset to PostgreSQL
    "0001-01-01T00:00:00+23:59",
    "24:00:00",
)
"""Where a day or a time is due."""

WORDS = ("null", "true", "None", "[]", "{}", "pk", "-pk", "__class__", "id__in", "csv")
"""Where a choice, an order or a name is due."""

JSON_TEXTS = (
    '"\\ud800"',
    '{"name": "\\ud800", "call": {}}',
    '{"type": "object", "properties": {"\\u0000": {"enum": ["\\udfff"]}}}',
    '{"type": "string", "pattern": "(a+)+$", "minLength": 1e400}',
    '{"type": ["\\ud800"], "minimum": NaN, "maximum": ' + "9" * 400 + "}",
    "[" * 5_000,
    '{"a":' * 300 + "1" + "}" * 300,
    "{" + '"a": 1, ' * 500 + '"b": 2}',
)
"""Where a field of a form takes JSON: its escapes hold what no form could send."""

ALL = (*TEXTS, *NUMBERS, *MOMENTS, *WORDS)

JSON_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**31,
    2**63,
    10**40,
    1.5,
    1e308,
    "",
    "\0",
    "\ud800",
    "x" * 5_000,
    *MOMENTS,
    [],
    [None],
    [[]],
    ["\ud800"],
    [2**63],
    {},
    {"": None},
    {"\0": "\0"},
    {"\ud800": "\ud800"},
    {"a": {"b": [{"c": 2**70}]}},
)
"""Where a member of a JSON body is due."""

JSON_BODIES: tuple[bytes, ...] = (
    b"",
    b"null",
    b"true",
    b"1",
    b'"text"',
    b"[]",
    b"{",
    b"{}}",
    b"\xff\xfe{}",
    b'{"title": "\xc3\x28"}',
    b'\xef\xbb\xbf{"title": "x"}',
    b'{"title": NaN}',
    b'{"title": -Infinity}',
    b'{"title": 1e999}',
    b'{"title": ' + b"9" * 5_000 + b"}",
    b'{"title": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"title": "\\u0000"}',
    b'{"title": ' + b"[" * 500 + b"]" * 500 + b"}",
    b'{"title": ' + b"[" * 100_000,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"a":' * 100_000,
)
"""Whole bodies of bytes where a JSON object is due."""

CONTENT_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=no-such",
    "application/json; charset=utf-7",
    "application/xml",
    "nonsense",
    ";;;",
    "\xff/\xff",
)
"""Where `application/json` is due."""


def some(values: Sequence[Value], turn: int) -> Sequence[Value]:
    """Return the values that are tried in a turn: in `STEP` turns each has been."""
    return values[turn % STEP :: STEP]


def few(values: Sequence[Value], turn: int) -> Sequence[Value]:
    """Return one of the values, another in each turn, for what is slow; all of them where `STEP` is 1."""
    return values if STEP == 1 else (values[turn * 5 % len(values)],)
