"""Bodies made by chance, weighted towards what the two ways of the check read differently: the same for a seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from benchmarks.soak.fuzz.hostile_events import hostile_event, is_strict
from benchmarks.soak.fuzz.schema_payloads import random_payload

EVENTS_OF_BODY = (1, 2, 3, 5, 8)
HOSTILE_SHARE, DOUBLED_SHARE, REPEATED_SHARE, PLAIN_SHARE = 0.08, 0.03, 0.1, 0.75
DAMAGED_SHARE = 0.05  # of bodies: one damaged event takes all of its body the ordinary way
PLAIN = '{"total": 27.5, "coupon": "SPRING"}'

_PEOPLE = (
    *("u-1", "u-1", "u-2", "U-1", " u-1", "ｕ-1", "null", "", None, 5, 1.0, True, 0, {"id": 1}, ["u-1"], "\u0000"),
    *("anna@example.org", "+49 170 1234567", "4111 1111 1111 1111", "d" * 300),
)
_MOMENTS = (
    *("2026-11-24T10:00:00Z", "2026-11-24T09:59:59.123Z", "2026-11-24T11:00:00+01:00", "2026-11-23T08:00:00Z"),
    *("2026-11-24t10:00:00z", "2026-11-24 10:00:00", "2026-09-01T00:00:00Z", "2031-01-01T00:00:00Z", "now", "", None),
    *(1_795_514_400, 1_795_514_400_000, -1, "0000-01-01T00:00:00Z", {"at": 1}, True),
)
_VERSIONS = ("2.4.1", "2.4.1", "2.4.0-rc.1", "1.9", "", None, 3, "nightly", "2.4.1 (anna@example.org)", "v" * 200)
_PROTOCOLS: tuple[Any, ...] = ({}, {"event_version": "1.0.0"}, {"event_version": 9}, {"event_version": True}, 1)
_NOTES = ("anna@example.org", "sk_live_51Hxk2dKq8Zr7Y3mN", "plain", "", "\u0000", "‮", "x" * 2_000)


def chance_bodies(seed: str, schemas: Sequence[tuple[str, dict[str, Any]]], event_count: int) -> list[bytes]:
    """Return bodies of so many events in all, most of them of one of these names, near what its schema allows."""
    random = Random(seed)
    events: list[bytes] = []
    bodies = []
    while event_count > 0:
        size = min(random.choice(EVENTS_OF_BODY), event_count)
        event_count -= size
        members = []
        for _ in range(size):
            if events and random.random() < REPEATED_SHARE:
                members.append(random.choice(events))
                continue
            members.append(_event(random, schemas))
            events.append(members[-1])
        if random.random() < DAMAGED_SHARE:
            members[-1] = members[-1].replace(b": ", b": NaN, ", 1)
        around = random.choice(
            (
                *(b', "sentAt": "2026-11-24T10:00:00Z"', b', "sentAt": "2026-11-24T10:00:00.5Z", "writeKey": "k"'),
                *(b"", b', "sentAt": 5', b', "context": {"app": {"version": "7"}}', b', "batch": null', b', "type": 1'),
            )
            if random.random() < 0.3
            else (b', "sentAt": "2026-11-24T10:00:00Z"',)
        )
        bodies.append(b'{"batch": [' + b", ".join(members) + b"]" + around + b"}")
    return bodies


def _event(random: Random, schemas: Sequence[tuple[str, dict[str, Any]]]) -> bytes:
    if random.random() < HOSTILE_SHARE:
        return next(event for event in iter(lambda: hostile_event(random), b"") if is_strict(event))
    name, schema = random.choice(schemas)
    fields = {
        "type": random.choice(("track",) * 12 + ("page", "screen", "Track", "x")),
        "event": random.choice((name,) * 20 + (name.upper(), f" {name}", None, 3, "")),
        "messageId": random.choice((f"m-{random.getrandbits(64):x}",) * 12 + ("m-1", None, "", 7, {"id": 1})),
        "userId": random.choice(_PEOPLE),
        "timestamp": random.choice(_MOMENTS) if random.random() < 0.3 else "2026-11-24T09:59:58Z",
        "context": _context(random),
    }
    if random.random() < 0.3:
        fields["anonymousId"] = random.choice(_PEOPLE)
    if random.random() < 0.1:
        fields[random.choice(("name", "traits", "sentAt", "originalTimestamp", "integrations", "channel", "extra"))] = (
            random.choice((*_MOMENTS, *_NOTES, {"note": random.choice(_NOTES)}))
        )
    members = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items()]
    if random.random() > 0.03:
        payload = PLAIN if random.random() < PLAIN_SHARE else random_payload(schema, random)
        members.append(f'"properties": {payload}')
    random.shuffle(members)
    if random.random() < DOUBLED_SHARE:
        members.append(random.choice(members))
    return ("{" + ", ".join(members) + "}").encode("utf-8", "surrogatepass")


def _context(random: Random) -> Any:
    if random.random() < 0.05:
        return random.choice((None, 1, "", [], {}))
    context: dict[str, Any] = {"app": {"version": random.choice(_VERSIONS) if random.random() < 0.3 else "2.4.1"}}
    if random.random() < 0.2:
        context["protocols"] = random.choice(_PROTOCOLS)
    if random.random() < 0.2:
        context["traits"] = random.choice(({"plan": "free"}, {"email": "anna@example.org"}, {}, 1))
    if random.random() < 0.1:
        context["note"] = random.choice(_NOTES)
    return context
