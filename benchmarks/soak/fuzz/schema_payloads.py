"""Schemas and payloads made by chance, weighted towards what two readers of JSON and of patterns take differently.

A schema is valid most of the time, a payload is near one that it allows: each value is drawn from those that lie on
both sides of a rule. The same seed makes the same pairs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

Schema = dict[str, Any] | bool

NAMES = ("a", "b", "total", "b c", "a:b", 'q"', "é", "", "properties", "$ref", "a\\", "\u0007", "ﬁ")
TEXTS = (
    *("", "a", "ab", "abc", "a\n", "\n", "A", "é", "e\u0301", "٣", "3", "12", "1２", "a:b", "\\", '"', "\u2028", "😀"),
    *("null", "EUR", "EUR\n", "eur", "USD", "_", "a-b", "a b", "\u00a0", "\x1f", "\x7f", "x" * 40, "😀😀", "K", "ſ"),
)
PATTERNS: tuple[tuple[str, Sequence[str]], ...] = (
    (r"^[a-z_]+$", ("abc", "a_b", "abc\n", "é", "ſ", "", "A")),
    (r"^\d{2,4}$", ("12", "1234", "12345", "٣٣", "12\n", "1２")),
    (r"^(EUR|USD)$", ("EUR", "USD", "EUR\n", "EURUSD", "eur")),
    (r"^[^/]+$", ("a", "a/b", "a\n", "é", "")),
    (r"^a.c$", ("abc", "a\nc", "a\rc", "a\u2028c", "a\u0085c", "a😀c")),
    (r"^\w+\s\w+$", ("a b", "a\u00a0b", "é b", "a\u2003b", "a\tb", "a\x0bb")),
    (r"^[\w.-]+@[\w.-]+$", ("a@b", "é@b", "a@b\n", "@")),
    (r"^(?:[a-z]+-)*[a-z]+$", ("a", "a-b", "a-", "a-b-c", "a--b")),
    (r"^(a|ab)(c|bcd)$", ("ac", "abcd", "abc", "abbcd")),
    (r"^[0-9]+$|^$", ("", "1", "a1")),
    (r"[a-z]", ("a", "1a", "1")),
    (r"^(?i:eur)$", ("eur", "EUR")),
    (r"^\p{L}+$", ("a", "é", "1")),
    (r"\b[a-z]+\b", ("a", "é a", "1")),
    (r"^[\s\S]*$", ("", "a\n")),
    (r"^.{1,3}$", ("a", "abc", "abcd", "😀😀😀", "a\n", "\r")),
    (r"^https?:\/\/[a-z.]+$", ("http://a.b", "https://a", "http://a\n")),
    (r"^[+-]?[0-9]+(\.[0-9]+)?$", ("+1", "-1.5", "1.", "1\n")),
    ("^é$", ("é", "e\u0301")),
    ("", ("", "a")),
    ("^", ("", "a\n")),
    ("a$", ("a", "a\n", "ba")),
    (r"^a\$", ("a$", "a")),
    (r"^[a-z]{0,2}?$", ("", "ab", "abc")),
)
_MOMENTS = (
    *("2026-03-14T09:26:53Z", "2026-03-14T09:26:53.589Z", "2026-03-14T09:26:53+01:00", "2026-03-14T09:26:53"),
    *("2026-03-14 09:26:53Z", "2026-03-14t09:26:53z", "2026-03-14T09:26:53+0100", "2026-02-30T09:26:53Z"),
    *(
        "2026-12-31T23:59:60Z",
        "2026-12-31T24:00:00Z",
        "2026-03-14T09:26:53.Z",
        "2026-03-14T09:26Z",
        "2026-3-4T09:26:53Z",
    ),
    *("0000-01-01T00:00:00Z", "٢٠٢٦-03-14T09:26:53Z", "2026-03-14T09:26:53Z\n", "2026-04-31T00:00:00Z"),
    *("2024-02-29T00:00:00Z", "2026-02-29T00:00:00Z", "2026-03-31T00:00:00-23:59", "2026-03-31T00:00:00+24:00"),
)
FORMATS: tuple[tuple[str, Sequence[str]], ...] = (
    ("date-time", _MOMENTS),
    ("date", tuple(moment[:10] for moment in _MOMENTS) + ("2026-03-14\n", "20260314", "2026-W11-6")),
    ("time", tuple(moment[11:] for moment in _MOMENTS) + ("09:26:53", "9:26:53Z", "09:26:53.1234567890Z")),
    (
        "uuid",
        (
            *("2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"),
            *("2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "{2eb8aa08-aa98}"),
            "2eb8aa08-aa98-11ea-b4aa-73b441d16380\n",
        ),
    ),
    (
        "email",
        (
            *("a@b.co", "a.b+c@d-e.co", ".a@b.co", "a..b@c.co", "a@b", "a@-b.co", "é@b.co", "a@b.co\n", "a b@c.co"),
            *("-a@b.co", "a@[127.0.0.1]", '"a b"@c.co', "a@b.co.", "a@" + "b" * 64 + ".co", "a" * 65 + "@b.co"),
        ),
    ),
    (
        "uri",
        (
            *("https://a.com/b?c=d#e", "http://a", "http://a.com:80/", "http://a.com:99999/", "//a.com", "/a", "a:b"),
            *(
                "http://a.com/%zz",
                "http://a.com/%C3%A9",
                "http://a.com/é",
                "http://a b.com",
                "http://[::1]/",
                "http://",
            ),
            *("https://a.com/b\n", "http://a.com/b{c}", "http://a.com//b", "http://a.com/b#c#d", "http://a.com/?a[]=1"),
        ),
    ),
    (
        "uri-reference",
        ("/a/b?c#d", "", "a b", "//a.com", "/a%zz", "/a%20b", "/é", "?a", "#a", "/a\n", "a:b:c", "http://a.com/"),
    ),
    ("ipv4", ("1.2.3.4", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "1.2.3.4\n", "１.2.3.4")),
    ("hostname", ("a.com", "a-b.com", "-a.com", "a.com.", "a_b.com", "xn--x.com", "1.2.3.4", "a", "a.com\n", "é.com")),
    ("ipv6", ("::1", "a")),
    ("duration", ("P1D", "P")),
    ("regex", ("a", "(")),
    ("json-pointer", ("/a", "a")),
    ("datetime", ("any",)),
)
NUMBERS = (
    *(
        "0",
        "-0",
        "-0.0",
        "1",
        "1.0",
        "1e0",
        "10E-1",
        "-1",
        "2",
        "3",
        "5",
        "7",
        "0.5",
        "1.5",
        "2.5",
        "0.1",
        "0.3",
        "27.5",
    ),
    *("9007199254740991", "9007199254740992", "9007199254740993", "9007199254740992.0", "9007199254740993.0"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"),
    *("18446744073709551615", "18446744073709551616", "1" + "0" * 40, "1e16", "1e19", "1e308", "1e309", "5e-324"),
    *("1e-400", "4611686018427387905", "4611686018427387904.0", "1000000000000000000000", "0.30000000000000004"),
)
_BOUNDS = (
    *(0, 1, -1, 2, 3, 5, 0.5, 1.5, 0.1, 0.3, 1.0, -0.0, 10, 100),
    *(2**53 - 1, 2**53, 2**53 + 1, float(2**53), 2**62, 2**63 - 1, 2**63, -(2**63), 2**64, 1e19, 1e300, 10**40),
)
_FACTORS = (1, 2, 3, 5, 0.1, 0.5, 2.0, 2**53 + 1, 2**63, 10**40)
_LISTED: tuple[Any, ...] = (*PATTERNS[2][1], 0, 1, 1.0, 2, -1, 2**53 + 1, 2**63, True, False, None, [], [1], {}, 0.5)
_COUNTS = (0, 1, 2, 3, 2.0, 40, 2**31, 2**64)
ANYTHING = (
    "null",
    "true",
    "false",
    '"a"',
    "1",
    "1.0",
    "[]",
    "{}",
    "[1]",
    '{"a":1}',
    "[[[]]]",
    '"1"',
    "NaN",
    '"\\ud800"',
)


def random_schema(random: Random) -> dict[str, Any]:
    """Return the schema of the properties of an event."""
    schema = _object(random, 0)
    if random.random() < 0.05:
        schema |= random.choice(({"const": {}}, {"enum": [{"a": 1}]}, {"type": ["object", "null"]}))
    schema["$defs"] = {"a": _schema(random, 2), "b": _schema(random, 2)}
    return schema


def _schema(random: Random, depth: int) -> Schema:
    makers = (_text, _text, _text, _number, _number, _number, _listed, _listed, _several, _plain, _any)
    nested = (_array, _object) if depth < 3 else ()
    schema = random.choice((*makers, *nested, *nested))(random, depth)
    if isinstance(schema, dict):
        if random.random() < 0.05:
            schema |= random.choice(_RARE)
        if random.random() < 0.1:
            schema["description"] = "Words."
    return schema


_RARE: tuple[dict[str, Any], ...] = (
    {"deprecated": True},
    {"not": {"const": "a"}},
    {"allOf": [{"minLength": 1}]},
    {"anyOf": [{"type": "string"}, {"type": "null"}]},
    {"if": {"const": 1}, "then": False},
    {"minProperties": 1},
    {"propertyNames": {"maxLength": 1}},
    {"patternProperties": {"^a": False}},
    {"unevaluatedProperties": {"type": "integer"}},
    {"dependentRequired": {"a": ["b"]}},
    {"uniqueItems": True},
    {"contains": {"const": 1}},
    {"prefixItems": [{"type": "string"}]},
    {"$ref": "#/$defs/b"},
    {"const": "a"},
)


def _some(random: Random, schema: dict[str, Any], share: float, **values: Sequence[Any]) -> dict[str, Any]:
    for keyword, choices in values.items():
        if random.random() < share:
            schema[keyword] = random.choice(choices)
    return schema


def _text(random: Random, depth: int) -> Schema:
    schema = _some(random, {"type": "string"}, 0.2, minLength=_COUNTS, maxLength=_COUNTS)
    if random.random() < 0.4:
        schema["pattern"] = random.choice(PATTERNS)[0]
    if random.random() < 0.4:
        schema["format"] = random.choice(FORMATS)[0]
    if random.random() < 0.05:
        del schema["type"]
    return schema


def _number(random: Random, depth: int) -> Schema:
    schema = {"type": random.choice(("integer", "number", ["integer", "number"]))}
    _some(random, schema, 0.3, minimum=_BOUNDS, maximum=_BOUNDS)
    return _some(random, schema, 0.12, exclusiveMinimum=_BOUNDS, exclusiveMaximum=_BOUNDS, multipleOf=_FACTORS)


def _listed(random: Random, depth: int) -> Schema:
    values: list[Any] = random.sample(
        (*TEXTS, *PATTERNS[2][1], 0, 1, 1.0, 2, -1, 2**53 + 1, 2**63, True, False, None, [], [1], {}, 0.5), 4
    )
    distinct = [value for place, value in enumerate(values) if not any(_same(value, each) for each in values[:place])]
    schema: dict[str, Any] = {"enum": distinct} if random.random() < 0.8 else {"const": values[0]}
    return _some(
        random, schema, 0.3, type=("string", "integer", "number", "boolean", ["string", "null"]), maxLength=_COUNTS
    )


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _several(random: Random, depth: int) -> Schema:
    one, other = _schema(random, depth + 1), _schema(random, depth + 1)
    types = random.sample(("string", "integer", "number", "boolean", "null", "object", "array"), random.randint(1, 3))
    merged = (one if isinstance(one, dict) else {}) | (other if isinstance(other, dict) else {})
    return merged | {"type": types}


def _plain(random: Random, depth: int) -> Schema:
    return {"type": random.choice(("boolean", "null", "object", "array", "string", ["boolean", "null"]))}


def _any(random: Random, depth: int) -> Schema:
    return random.choice(
        (True, {}, False, {"x-unit": 1}, {"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}, {"format": "date"})
    )


def _array(random: Random, depth: int) -> Schema:
    schema = _some(random, {"type": "array"}, 0.2, minItems=_COUNTS, maxItems=_COUNTS, uniqueItems=(False, True))
    if random.random() < 0.8:
        schema["items"] = _schema(random, depth + 1)
    return schema


def _object(random: Random, depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if random.random() < 0.9 or not depth:
        names = random.sample(NAMES, random.randint(1, 3))
        schema["properties"] = {name: _schema(random, depth + 1) for name in names}
        required = [name for name in names if random.random() < 0.4]
        if required or random.random() < 0.2:
            schema["required"] = required
    if random.random() < 0.05:
        schema["required"] = [random.choice(NAMES)]
    if random.random() < 0.3:
        schema["additionalProperties"] = random.choice((True, False, {}, {"type": "integer"}, _text(random, depth)))
    return schema


def random_payload(schema: dict[str, Any], random: Random) -> str:
    """Return the text of a value near those that a schema of `random_schema` allows. It may not be JSON."""
    return _value(schema, schema, random, 0)


def _value(root: dict[str, Any], schema: Schema, random: Random, depth: int) -> str:
    if random.random() < 0.04 or depth > 8 or not isinstance(schema, dict):
        return random.choice(ANYTHING)
    if "$ref" in schema:
        target = root["$defs"].get(str(schema["$ref"]).rpartition("/")[2], True)
        return _value(root, target, random, depth + 1)
    if ("enum" in schema or "const" in schema) and random.random() < 0.9:
        return _spelled(random.choice(schema.get("enum") or [schema.get("const")]), random)
    types = schema.get("type") or ["string", "integer", "object"]
    match random.choice(types if isinstance(types, list) else [types]):
        case "object":
            return _members(root, schema, random, depth)
        case "array":
            count = random.choice((0, 1, 1, 2, 3, 4))
            items = [_value(root, schema.get("items", True), random, depth + 1) for _ in range(count)]
            return f"[{','.join(items)}]"
        case "string":
            return _spelled(_near_text(schema, random), random)
        case "integer" | "number":
            return _near_number(schema, random)
        case "boolean":
            return random.choice(("true", "false", "true", "false", "1", '"true"'))
        case _:
            return random.choice(("null", "null", "null", "0", '""'))


def _members(root: dict[str, Any], schema: dict[str, Any], random: Random, depth: int) -> str:
    properties: dict[str, Schema] = schema.get("properties", {})
    chance = random.choice((1.0, 1.0, 0.7, 0.3))
    names = [name for name in properties if name in schema.get("required", ()) or random.random() < chance]
    if names and random.random() < 0.05:
        names.pop(random.randrange(len(names)))
    if random.random() < (0.6 if "additionalProperties" in schema else 0.06):
        names.append(random.choice(NAMES))
    if names and random.random() < 0.06:
        names.append(random.choice(names))  # a key that comes twice
    others = schema.get("additionalProperties", True)
    blank = random.choice(("", "", "", " ", "\n"))
    values = [_value(root, properties.get(name, others), random, depth + 1) for name in names]
    members = [f"{_spelled(name, random)}{blank}:{blank}{value}" for name, value in zip(names, values, strict=True)]
    return f"{{{blank}{','.join(members)}}}"


def _near_text(schema: dict[str, Any], random: Random) -> str:
    samples = [*dict(PATTERNS).get(schema.get("pattern", "-"), ()), *dict(FORMATS).get(str(schema.get("format")), ())]
    if samples and random.random() < 0.9:
        return random.choice(samples)
    bounds = [int(schema[keyword]) for keyword in ("minLength", "maxLength") if schema.get(keyword, 99) < 99]
    if bounds and random.random() < 0.6:
        return random.choice("aé😀") * max(random.choice(bounds) + random.choice((-1, 0, 0, 1)), 0)
    return random.choice(TEXTS)


def _near_number(schema: dict[str, Any], random: Random) -> str:
    bounds = [value for keyword, value in schema.items() if keyword.endswith(("inimum", "aximum", "multipleOf"))]
    if not bounds or random.random() < 0.5:
        return random.choice(NUMBERS)
    bound = random.choice(bounds)
    step = random.choice((-1, 0, 0, 1, 0.5, -0.5))
    near = bound + step if isinstance(step, int) or abs(bound) < 2**53 else bound
    return json.dumps(near) if random.random() < 0.8 else json.dumps(float(near))


def _spelled(value: Any, random: Random) -> str:
    """Return a value as JSON, its texts sometimes with escapes."""
    text = json.dumps(value, ensure_ascii=random.random() < 0.3)
    if not isinstance(value, str) or not value or random.random() > 0.08:
        return text
    place = random.randrange(len(value))
    before, after = json.dumps(value[:place])[:-1], json.dumps(value[place + 1 :])[1:]
    return before + json.dumps(value[place])[1:-1].replace(value[place], f"\\u{ord(value[place]) % 65536:04x}") + after
