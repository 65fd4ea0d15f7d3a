"""Events of real SDKs, changed by chance: what a check must survive. The same seed makes the same events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from tests.hostile.hostile_values import JSON_VALUES, MOMENTS, NUMBERS, TEXTS
from tests.traffic.check.event_fields import EVENT_FIELDS

CAPTURES = Path(__file__).parents[3] / "tests" / "data" / "captures"
CHANGE_COUNTS = (1, 1, 1, 2, 2, 3, 4)
RAW_DAMAGE = (
    b"NaN",
    b"-Infinity",
    b"1e400",
    b'"\\ud800"',
    b'{"a": 1, "a": 2}',
    b"[" * 400 + b"]" * 400,
    b"01",
    b"\xff",
)
"""What no strict parser reads, or what is read in more than one way."""

_JSON_TEXTS = tuple(json.dumps(value) for value in JSON_VALUES)
_decode = msgspec.json.decode
Place = tuple[Any, Any]
"""A container, and the key or the position in it."""


@cache
def real_events() -> tuple[bytes, ...]:
    """Return every event of the captures of real SDKs, as JSON."""
    found: dict[bytes, None] = {}
    for file in sorted(CAPTURES.glob("*.json")):
        recorded = json.loads(file.read_text())
        for variant in recorded.get("variants", [recorded]):
            for request in variant["requests"]:
                content = (request["body"] or {}).get("json") or {}
                found |= {json.dumps(event).encode(): None for event in content.get("batch", [content]) if event}
    return tuple(found)


def hostile_event(random: Random) -> bytes:
    """Return an event that was changed in a few places. It is JSON that a strict parser reads, or nearly."""
    while True:
        with suppress(RecursionError):  # changes within changes nest deeper than Python writes: they are made anew
            return _changed_event(random)


def _changed_event(random: Random) -> bytes:
    event = _decode(random.choice(real_events()))
    if random.random() < 0.7:  # most of a real event is what it says of its surroundings
        for name in ("context", "integrations"):
            event.pop(name, None)
    if random.random() < 0.8:  # others come with an id that was seen, most often on something else
        event["messageId"] = f"{random.getrandbits(64):x}"
    if random.random() < 0.5:
        event["event"] = random.choice(("Order Completed", "Product Viewed"))
        event["type"] = "track"
        event["properties"] = {"total": 27.5, "coupon": "SPRING"}
    for _ in range(random.choice(CHANGE_COUNTS)):
        random.choice(_CHANGES)(event, random)
    return json.dumps(event, ensure_ascii=random.random() < 0.8).encode("utf-8", "surrogatepass")


def is_strict(event: bytes) -> bool:
    """Return whether the strict parser reads an event; one that it does not read makes its whole body a slow one."""
    try:
        _decode(event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def damaged_event(random: Random) -> bytes:
    """Return an event whose text was damaged, so that it is not JSON, or only to a lenient parser."""
    text = bytearray(hostile_event(random))
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(text))
        match random.randrange(4):
            case 0:
                text[place] = random.randrange(256)
            case 1:
                del text[place : place + random.randint(1, 20)]
            case 2:
                text[place:place] = text[place : place + random.randint(1, 40)]
            case _:
                _replace_value(text, random)
        text = text or bytearray(b" ")
    return bytes(text)


def _replace_value(text: bytearray, random: Random) -> None:
    """Put raw damage in the place of a value behind a colon."""
    colon = text.find(b":", random.randrange(len(text)))
    end = min((place for place in (text.find(b",", colon), text.find(b"}", colon)) if place > 0), default=-1)
    if 0 <= colon < end:
        text[colon + 1 : end] = random.choice(RAW_DAMAGE)


def _collect_places(container: dict[str, Any] | list[Any], found: list[Place]) -> None:
    """Append every place within a container. No generator: at a depth of 300 each place would pass through 300."""
    entries: Iterable[tuple[Any, Any]] = container.items() if isinstance(container, dict) else enumerate(container)
    for key, inner in entries:
        found.append((container, key))
        if isinstance(inner, dict | list):
            _collect_places(inner, found)


def _any_place(event: dict[str, Any], random: Random) -> Place:
    if random.random() < 0.4:
        return event, random.choice(EVENT_FIELDS)
    places: list[Place] = []
    _collect_places(event, places)
    return random.choice(places or [(event, "type")])


def _any_value(random: Random) -> Any:
    match random.randrange(6):
        case 0:
            return random.choice(TEXTS)
        case 1:
            return random.choice(NUMBERS)
        case 2:
            return random.choice(MOMENTS)
        case 3:
            return random.choice((random.randint(-(2**70), 2**70), random.random() * 10 ** random.randint(-300, 300)))
        case 4:
            return "".join(chr(random.randrange(0x11_0000)) for _ in range(random.randint(1, 30)))
        case _:
            return json.loads(random.choice(_JSON_TEXTS))  # a new one: the next change may change it


def _replace(event: dict[str, Any], random: Random) -> None:
    container, key = _any_place(event, random)
    container[key] = _any_value(random)


def _remove(event: dict[str, Any], random: Random) -> None:
    container, key = _any_place(event, random)
    if isinstance(container, dict):
        container.pop(key, None)
    else:
        del container[key]


def _rename(event: dict[str, Any], random: Random) -> None:
    container, key = _any_place(event, random)
    if isinstance(container, dict):
        container[random.choice(TEXTS) if random.random() < 0.5 else str(key).swapcase()] = container.pop(key, None)


def _nest(event: dict[str, Any], random: Random) -> None:
    container, key = _any_place(event, random)
    value = _any_value(random)
    for _ in range(random.choice((1, 5, 20, 100, 254, 300))):
        value = [value] if random.random() < 0.5 else {"a": value}
    container[key] = value


def _widen(event: dict[str, Any], random: Random) -> None:
    container, key = _any_place(event, random)
    count = random.choice((2, 20, 20, 200))
    if random.random() < 0.5:
        container[key] = [random.choice(MOMENTS)] * count
    else:
        container[key] = {f"{random.choice(TEXTS)[:20]}{number}": number for number in range(count)}


def _move(event: dict[str, Any], random: Random) -> None:
    container, key = _any_place(event, random)
    other, other_key = _any_place(event, random)
    # By a copy: what holds itself is no JSON.
    copied = json.loads(json.dumps(other.get(other_key) if isinstance(other, dict) else other[other_key]))
    container[key] = copied


_CHANGES: tuple[Callable[[dict[str, Any], Random], None], ...] = (
    *(_replace, _replace, _replace, _replace, _replace, _replace),
    *(_remove, _remove, _rename, _rename, _move, _move, _nest, _widen),
)
