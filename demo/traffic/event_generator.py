"""Thirty days of events drawn from the streams; the same each time, but for the day on which they end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from catalog.choices import Environment
from catalog.contract import Verdict
from demo.company import RELEASES, SERVICE, WEB
from demo.dictionary import Document
from demo.traffic.generated_event import REPEAT, Sent
from demo.traffic.injected_faults import fault_of
from demo.traffic.payload_factory import Maker
from demo.traffic.traffic_streams import DAYS, Stream, streams

# How busy each hour of the day is (UTC), and each day of the week from Monday on.
HOURS = (1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 9, 10, 11, 9, 9, 9, 10, 12, 15, 18, 16, 11, 6, 3)
WEEKDAYS = (1.0, 0.95, 0.95, 1.0, 1.1, 1.25, 1.2)
# Around a change of version nothing is sent: which side of it an event would land on is nobody's point.
QUIET = 0.06
MOST_ON_NEWEST = 0.92
# Its multiples are spread evenly between two whole numbers: few events, too, come from every version that is out.
GOLDEN = 0.6180339887
SENT_TWICE_WITHIN = (4.0, 5.0)


def generate(now: datetime) -> list[Sent]:
    """Return every event of the thirty days before `now`, oldest first, with the verdict that each is meant to get."""
    events = sorted((sent for stream in streams() for sent in _of_stream(stream, now)), key=_order)
    return sorted([*events, *_sent_twice(events, now)], key=_order)


def trial(
    document: Document,
    source: str,
    *,
    at: datetime,
    count: int,
    app_version: str = "",
    broken: dict[str, Any] | None = None,
) -> list[Sent]:
    """Return what two testers' devices send from staging, the last of it at `at`; `broken` comes from a third."""
    maker, chance = Maker.of(document, source), Random(f"{document['name']} {source} {at}")  # noqa: S311  no secret
    found = []
    for number in range(count):
        moment = at - timedelta(minutes=3 * (count - 1 - number))
        is_broken = bool(broken) and number == count - 1
        properties = maker.properties_from(chance, is_whole=True) | (broken if is_broken and broken else {})
        device = f"test-phone-{3 if is_broken else 1 + number % 2}"
        message = maker.message(chance, at=moment, properties=properties, app_version=app_version, device=device)
        verdict = Verdict.NONCONFORMING if is_broken else Verdict.CONFORMING
        found.append(Sent(moment, source, Environment.STAGING, maker.name, message, verdict))
    return found


def _order(sent: Sent) -> tuple[datetime, str]:
    return sent.at, sent.message["messageId"]


def _of_stream(stream: Stream, now: datetime) -> Iterator[Sent]:
    maker, chance = Maker.of(stream.document, stream.source), Random(stream.key)  # noqa: S311  no secret
    owed, number = chance.random(), 0
    for day in range(DAYS, 0, -1):
        owed += stream.rate * WEEKDAYS[(now - timedelta(days=day)).weekday()]
        due, owed = int(owed), owed % 1
        for _ in range(due):
            days_ago = _moment(chance, now, day)
            if _flows(stream, days_ago):
                number += 1
                yield _sent(stream, maker, chance, now, days_ago, number)


def _flows(stream: Stream, days_ago: float) -> bool:
    """Whether a stream has begun and not ended, a little away from a change of version."""
    has_begun = stream.from_days == DAYS or days_ago < stream.from_days - QUIET
    return has_begun and (stream.to_days == 0 or days_ago > stream.to_days + QUIET)


def _moment(chance: Random, now: datetime, day: int) -> float:
    """Return how many days before `now` an event of a day happens: more in the evening, none just now."""
    starts = now - timedelta(days=day)
    weights = [HOURS[(starts + timedelta(hours=hour)).hour] for hour in range(24)]
    hour = chance.choices(range(24), weights)[0] + chance.random()
    return max(day - hour / 24, 0.003)


def _sent(stream: Stream, maker: Maker, chance: Random, now: datetime, days_ago: float, number: int) -> Sent:
    at = now - timedelta(days=days_ago)
    app_version = _app_version(stream, days_ago, number)
    properties = maker.properties_from(chance)
    fault = None
    if stream.environment == Environment.PRODUCTION:
        fault = fault_of(maker.name, stream.source, days_ago=days_ago, number=number, app_version=app_version)
    if fault is not None:
        properties = fault.change(properties)
    message = maker.message(chance, at=at, properties=properties, app_version=app_version)
    verdict, key = (fault.verdict, fault.key) if fault else (stream.verdict, stream.fault)
    return Sent(at, stream.source, stream.environment, maker.name, message, verdict, key)


def _app_version(stream: Stream, days_ago: float, number: int) -> str:
    """Return the version of the app that a shopper has: the newest spreads within days; testers have it at once."""
    if stream.source in (WEB, SERVICE):
        return ""
    releases = RELEASES[stream.source]
    if stream.environment != Environment.PRODUCTION:
        return [release for release in releases if release.staged_days_ago >= days_ago][-1].version
    out = [release for release in releases if release.days_ago >= days_ago]
    # What a version brought is sent by that version and later ones alone.
    out = [release for release in out if release.days_ago <= stream.from_days] or out[-1:]
    left = number * GOLDEN % 1
    for release in reversed(out[1:]):
        share = min(MOST_ON_NEWEST, 0.3 + 0.3 * (release.days_ago - days_ago))
        if left < share:
            return release.version
        left = (left - share) / (1 - share)
    return out[0].version


def _sent_twice(events: list[Sent], now: datetime) -> list[Sent]:
    """Return the fullest hour of the order service, sent again as it was: its answer had got lost."""
    newest, oldest = (now - timedelta(days=days) for days in SENT_TWICE_WITHIN)
    hours: dict[datetime, list[Sent]] = {}
    for sent in events:
        if sent.source == SERVICE and sent.environment == Environment.PRODUCTION and oldest < sent.at < newest:
            hours.setdefault(sent.at.replace(minute=0, second=0, microsecond=0), []).append(sent)
    fullest = max(hours.values(), key=len, default=[])
    return [replace(sent, at=sent.at + timedelta(hours=1), verdict=REPEAT, fault="sent_twice") for sent in fullest]
