"""Take a body from an SDK: authenticate, bound, store, and only then say yes."""

import base64
import binascii
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from catalog.contract import Unreadable
from catalog.models import WriteKey
from catalog.services.write_keys import active_key, note_keys_seen
from tracking.traffic.collect.back_pressure import inbox_gauge
from tracking.traffic.collect.bodies import NotABody, TooLarge, inflate
from tracking.traffic.collect.wake_up import nudger
from tracking.traffic.collect.wires import Envelope, Route
from tracking.traffic.models import InboxBatch

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 10
NOTED_EVERY_SECONDS = 60.0
# Where what waits is older than this, workers are behind or gone: more messages would help nobody.
NO_NUDGE_PAST = timedelta(seconds=5)


class Refusal(Exception):
    """A body that is not taken. Nothing of it is stored; `status` and the text are the answer."""

    def __init__(self, status: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request of an SDK, as far as it matters here."""

    route: Route
    body: bytes
    authorization: str = ""
    query_key: str = ""


def collect(arrival: Arrival) -> dict[str, Any]:
    """Store a body in the inbox, commit, and return what the wire answers to that.

    Raises Refusal: 400 where neither parser splits the body, 401 without a key that is in use, 413 over a limit,
    503 with the seconds to wait where the inbox or the source's share of it is full or the database is.
    """
    try:
        return _collect(arrival)
    except (OperationalError, InterfaceError) as error:
        # A full disk is one of these. The insert is one statement, so that nothing is stored by half.
        log.error("the inbox cannot be written", error=type(error).__name__)
        raise Refusal(503, "The inbox cannot be written just now.", retry_after=RETRY_AFTER_SECONDS) from error


def _collect(arrival: Arrival) -> dict[str, Any]:
    presented = _basic_user(arrival.authorization) or arrival.query_key
    key = _known(presented) if presented else None
    body, envelope = _opened(arrival)
    if key is None:
        key = _known(envelope.key)
    if not envelope.events:
        return arrival.route.wire.answer()
    if not inbox_gauge.has_room(key.source_id, len(body)):
        raise Refusal(503, "The inbox is full. Send it again later.", retry_after=RETRY_AFTER_SECONDS)
    now = timezone.now()
    InboxBatch.objects.create(
        source_id=key.source_id,
        environment=key.environment,
        wire=arrival.route.wire.name,
        call=arrival.route.call,
        body=body,
        size=len(body),
        event_count=len(envelope.events),
        received_at=now,
    )
    inbox_gauge.add(key.source_id, len(body))
    if inbox_gauge.oldest is None or now - inbox_gauge.oldest < NO_NUDGE_PAST:
        nudger.nudge()
    _note_seen(key, now)
    return arrival.route.wire.answer()


def _note_seen(key: WriteKey, at: datetime) -> None:
    """Note that the key was used. The body is stored by then: a failure here must not ask the SDK to send it again."""
    try:
        keys_seen.note(key, at)
    except (OperationalError, InterfaceError) as error:
        log.warning("the last use of a key cannot be noted", key=key.pk, error=type(error).__name__)


def _opened(arrival: Arrival) -> tuple[bytes, Envelope]:
    try:
        body = inflate(arrival.body, settings.COLLECT_MAX_INFLATED_BYTES)
        return body, arrival.route.wire.envelope(body, call=arrival.route.call)
    except TooLarge as error:
        raise Refusal(413, str(error)) from error
    except (NotABody, Unreadable) as error:
        raise Refusal(400, str(error)) from error


def _known(text: str) -> WriteKey:
    if not text:
        raise Refusal(401, "No write key came: send it as the user of Basic authorization or as writeKey.")
    key = active_key(text)
    if key is None:
        raise Refusal(401, "This write key is unknown or no longer in use.")
    return key


def _basic_user(authorization: str) -> str:
    """Return the user of Basic authorization, where SDKs put the key, or ""."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        user, _, _ = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return user


@dataclass(slots=True)
class KeysSeen:
    """When this process last noted that a key was used: once a minute is enough, and spares a write a request."""

    noted: dict[int, float] = field(default_factory=dict)

    def note(self, key: WriteKey, at: datetime) -> None:
        now = time.monotonic()
        if now - self.noted.get(key.pk, float("-inf")) >= NOTED_EVERY_SECONDS:
            self.noted[key.pk] = now
            note_keys_seen([key.pk], at=at)


keys_seen = KeysSeen()
