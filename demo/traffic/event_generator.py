"""Thirty days of events drawn from the streams; the same each time, but for the day on which they end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from catalog.choices import Environment
from catalog.contract import Verdict
from demo.company import APP_RELEASES, SERVICE, WEB
from demo.dictionary import Document
from demo.traffic.generated_event import DUPLICATE, GeneratedEvent
from demo.traffic.injected_faults import matching_fault
from demo.traffic.payload_factory import PayloadFactory
from demo.traffic.traffic_streams import HISTORY_DAYS, Stream, streams

# How busy each hour of the day is (UTC), and each day of the week from Monday on.
HOUR_WEIGHTS = (1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 9, 10, 11, 9, 9, 9, 10, 12, 15, 18, 16, 11, 6, 3)
WEEKDAY_WEIGHTS = (1.0, 0.95, 0.95, 1.0, 1.1, 1.25, 1.2)
# Around a change of version nothing is sent: it would be arbitrary which version an event belongs to.
QUIET_DAYS_AROUND_RELEASE = 0.06
MAX_SHARE_OF_NEWEST = 0.92
# Its multiples are spread evenly between two whole numbers: few events, too, come from every version that is out.
GOLDEN_RATIO = 0.6180339887
DUPLICATION_WINDOW = (4.0, 5.0)


def generate_events(now: datetime) -> list[GeneratedEvent]:
    """Return every event of the thirty days before `now`, oldest first, with the verdict that each is meant to get."""
    events = sorted((sent for stream in streams() for sent in _events_of_stream(stream, now)), key=_sort_key)
    return sorted([*events, *_duplicate_busiest_hour(events, now)], key=_sort_key)


def generate_test_events(
    document: Document,
    source: str,
    *,
    at: datetime,
    count: int,
    app_version: str = "",
    invalid_properties: dict[str, Any] | None = None,
) -> list[GeneratedEvent]:
    """Return what two testers' devices send from staging, the last of it at `at`; `broken` comes from a third."""
    factory, rng = PayloadFactory.from_definition(document, source), Random(f"{document['name']} {source} {at}")  # noqa: S311  no secret
    events = []
    for number in range(count):
        moment = at - timedelta(minutes=3 * (count - 1 - number))
        is_broken = bool(invalid_properties) and number == count - 1
        properties = factory.make_properties(rng, include_all_optional=True) | (
            invalid_properties if is_broken and invalid_properties else {}
        )
        device = f"test-phone-{3 if is_broken else 1 + number % 2}"
        message = factory.make_message(rng, at=moment, properties=properties, app_version=app_version, device=device)
        verdict = Verdict.NONCONFORMING if is_broken else Verdict.CONFORMING
        events.append(GeneratedEvent(moment, source, Environment.STAGING, factory.name, message, verdict))
    return events


def _sort_key(sent: GeneratedEvent) -> tuple[datetime, str]:
    return sent.at, sent.message["messageId"]


def _events_of_stream(stream: Stream, now: datetime) -> Iterator[GeneratedEvent]:
    factory, rng = PayloadFactory.from_definition(stream.document, stream.source), Random(stream.seed)  # noqa: S311  no secret
    fractional_events, number = rng.random(), 0
    for day in range(HISTORY_DAYS, 0, -1):
        fractional_events += stream.events_per_day * WEEKDAY_WEIGHTS[(now - timedelta(days=day)).weekday()]
        due, fractional_events = int(fractional_events), fractional_events % 1
        for _ in range(due):
            days_ago = _random_days_ago(rng, now, day)
            if _is_active(stream, days_ago):
                number += 1
                yield _generate_event(stream, factory, rng, now, days_ago, number)


def _is_active(stream: Stream, days_ago: float) -> bool:
    """Whether a stream has begun and not ended, a little away from a change of version."""
    has_begun = stream.starts_days_ago == HISTORY_DAYS or days_ago < stream.starts_days_ago - QUIET_DAYS_AROUND_RELEASE
    return has_begun and (stream.ends_days_ago == 0 or days_ago > stream.ends_days_ago + QUIET_DAYS_AROUND_RELEASE)


def _random_days_ago(rng: Random, now: datetime, day: int) -> float:
    """Return how many days before `now` an event of a day happens: more in the evening, none just now."""
    starts = now - timedelta(days=day)
    weights = [HOUR_WEIGHTS[(starts + timedelta(hours=hour)).hour] for hour in range(24)]
    hour = rng.choices(range(24), weights)[0] + rng.random()
    return max(day - hour / 24, 0.003)


def _generate_event(
    stream: Stream, factory: PayloadFactory, rng: Random, now: datetime, days_ago: float, number: int
) -> GeneratedEvent:
    at = now - timedelta(days=days_ago)
    app_version = _app_version(stream, days_ago, number)
    properties = factory.make_properties(rng)
    fault = None
    if stream.environment == Environment.PRODUCTION:
        fault = matching_fault(factory.name, stream.source, days_ago=days_ago, number=number, app_version=app_version)
    if fault is not None:
        properties = fault.modify(properties)
    message = factory.make_message(rng, at=at, properties=properties, app_version=app_version)
    verdict, key = (fault.expected_verdict, fault.key) if fault else (stream.expected_verdict, stream.fault_key)
    return GeneratedEvent(at, stream.source, stream.environment, factory.name, message, verdict, key)


def _app_version(stream: Stream, days_ago: float, number: int) -> str:
    """Return the version of the app that a shopper has: the newest spreads within days; testers have it at once."""
    if stream.source in (WEB, SERVICE):
        return ""
    releases = APP_RELEASES[stream.source]
    if stream.environment != Environment.PRODUCTION:
        return [release for release in releases if release.staged_days_ago >= days_ago][-1].version
    released = [release for release in releases if release.days_ago >= days_ago]
    # What a version brought is sent by that version and later ones alone.
    released = [release for release in released if release.days_ago <= stream.starts_days_ago] or released[-1:]
    quantile = number * GOLDEN_RATIO % 1
    for release in reversed(released[1:]):
        share = min(MAX_SHARE_OF_NEWEST, 0.3 + 0.3 * (release.days_ago - days_ago))
        if quantile < share:
            return release.version
        quantile = (quantile - share) / (1 - share)
    return released[0].version


def _duplicate_busiest_hour(events: list[GeneratedEvent], now: datetime) -> list[GeneratedEvent]:
    """Return the fullest hour of the order service, sent again as it was: its answer had got lost."""
    newest, oldest = (now - timedelta(days=days) for days in DUPLICATION_WINDOW)
    hours: dict[datetime, list[GeneratedEvent]] = {}
    for sent in events:
        if sent.source == SERVICE and sent.environment == Environment.PRODUCTION and oldest < sent.at < newest:
            hours.setdefault(sent.at.replace(minute=0, second=0, microsecond=0), []).append(sent)
    busiest_hour_events = max(hours.values(), key=len, default=[])
    return [
        replace(sent, at=sent.at + timedelta(hours=1), expected_verdict=DUPLICATE, fault_key="sent_twice")
        for sent in busiest_hour_events
    ]
