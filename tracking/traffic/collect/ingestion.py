"""Take a body from an SDK: authenticate, bound, store, and only then say yes."""

import base64
import binascii
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone
from psycopg.errors import ForeignKeyViolation

from catalog.contract import UnparsableBody
from catalog.models import WriteKey
from catalog.services.write_keys import (
    find_active_key,
    find_cached_key,
    find_key_source_id,
    forget_key,
    update_keys_last_seen,
)
from database.wait_limits import limit_database_waits
from tracking.traffic.choices import RefusalReason, ThrottleBound
from tracking.traffic.collect.back_pressure import inbox_capacity
from tracking.traffic.collect.bodies import BodyTooLarge, InvalidBody, UnknownEncoding, inflate, is_packed
from tracking.traffic.collect.inbox_store import AcceptedBody, store
from tracking.traffic.collect.rate_limits import rate_limiter
from tracking.traffic.collect.throttle_log import throttle_log
from tracking.traffic.collect.wake_up import wake_up_sender
from tracking.traffic.collect.wires import Envelope, OversizedBody, Route, TakesLong

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 10
KEY_USAGE_INTERVAL_SECONDS = 60.0
KEY_USAGE_DATABASE_SECONDS = 0.5
"""Keys may be locked by whoever changes them: nobody's bodies wait longer for a note."""

# Where what waits is older than this, workers are behind or gone: more messages would help nobody.
MAX_WAKE_UP_BACKLOG_AGE = timedelta(seconds=5)


class BodyTakesLong(Exception):
    """A body that takes longer to read than is allowed where it was tried; nothing of it is stored."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of a body may be read at one place: bytes that it inflates to, and bytes for the lenient parser.

    None is as much as the collector takes at all.
    """

    inflated_bytes: int | None = None
    lenient_bytes: int | None = None


ON_THE_LOOP = ReadLimits(64 * 1024, 0)
"""Under a millisecond."""

LIGHT = ReadLimits(256 * 1024, 16 * 1024)
"""Some tens of milliseconds."""

LARGE = ReadLimits(None, 16 * 1024)
"""Some tenths of a second, however large it is: inflating and the strict parser are fast."""

WHOLE = ReadLimits()
"""Many seconds for the lenient parser, at worst."""


class IngestionRejected(Exception):
    """A body that is not taken. Nothing of it is stored; `status` and the text are the answer.

    `reason` is for people who look why events do not arrive; `key` and `source_id` are whose it was, where known.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        reason: RefusalReason,
        retry_after: int | None = None,
        key: str = "",
        source_id: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.retry_after = retry_after
        self.key = key
        self.source_id = source_id


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """A request of an SDK, as far as it matters here."""

    route: Route
    body: bytes
    authorization: str = ""
    encoding: str = ""  # what the header says; only told where the body is not read
    query_key: str = ""


@dataclass(frozen=True, slots=True)
class PreparedBody:
    """A body that may be stored, with its key; `accepted` is None where it holds no event and nothing is to be done."""

    key: WriteKey
    accepted: AcceptedBody | None


def ingest(request: IncomingRequest) -> None:
    """Store a body in the inbox and commit. Raises IngestionRejected as `prepare` does, and where it cannot be stored.

    For servers that answer one request a thread; the front takes the steps apart.
    """
    prepared = prepare(request)
    if prepared.accepted is None:
        return
    try:
        store([prepared.accepted])
    except (DatabaseError, InterfaceError) as error:
        raise refusal_of(error, prepared) from error
    note_stored(prepared)
    note_key_usage([prepared])


def prepare(request: IncomingRequest, limits: ReadLimits = WHOLE) -> PreparedBody:
    """Return what is to be stored of a request.

    Raises BodyTakesLong for a body past the limits, and IngestionRejected: 400 where neither parser splits the body,
    401 without a key that is in use, 413 over a bound of the collector, 415 for an encoding that is not read, 503 with
    the seconds to wait where the key or its source sends more than its rate, the inbox or the source's share of it is
    full, or the database does not answer.
    """
    header_or_query_key = _named_key(request)
    try:
        inbox_capacity.refresh()
        key = _authenticate(header_or_query_key) if header_or_query_key else None
        if key is not None:
            _require_rate(key, request)
        body, envelope = _split_body(request, limits)
        if key is None:
            key = _authenticate(envelope.key)
            _require_rate(key, request)
    except (OperationalError, InterfaceError) as error:
        raise not_stored(error) from error
    return _accept(key, request, body, envelope)


def prepare_on_the_loop(request: IncomingRequest) -> PreparedBody:
    """Prepare a short body whose key is known, without the database.

    Raises BodyTakesLong where that is not enough, and IngestionRejected where it is refused.
    """
    key = find_cached_key(_named_key(request))
    if key is None or is_packed(request.body) or not inbox_capacity.is_current():
        raise BodyTakesLong
    _require_rate(key, request)
    body, envelope = _split_body(request, ON_THE_LOOP)
    return _accept(key, request, body, envelope)


def note_stored(prepared: PreparedBody) -> None:
    """Count a body that is stored, and let a worker look. Asks no database."""
    accepted = prepared.accepted
    assert accepted is not None
    rate_limiter.spend(prepared.key, event_count=accepted.event_count, size=len(accepted.body))
    oldest = inbox_capacity.oldest_received_at
    if oldest is None or accepted.received_at - oldest < MAX_WAKE_UP_BACKLOG_AGE:
        wake_up_sender.request()


def note_key_usage(stored: Sequence[PreparedBody]) -> None:
    """Note that the keys of some bodies were used: once a minute, and not those that send history alone.

    The bodies are stored by then: a failure here must not ask an SDK to send one again.
    """
    used = [body.key.pk for body in stored if body.accepted is not None and not body.accepted.is_history]
    try:
        key_usage_recorder.record(used)
    except (DatabaseError, InterfaceError) as error:
        log.warning("the last use of keys cannot be noted", keys=sorted(set(used)), error=type(error).__name__)


def refusal_of(error: DatabaseError | InterfaceError, prepared: PreparedBody) -> IngestionRejected:
    """Return what the client hears of a body that could not be stored."""
    if isinstance(error.__cause__, ForeignKeyViolation):
        # This process knew the key from before its source was deleted, and the key with it.
        forget_key(prepared.key.key)
        return _unknown_key(prepared.key.key)
    return not_stored(error)


def not_stored(error: Exception) -> IngestionRejected:
    """Return the refusal where the database failed; a full disk is one such failure. Nothing is stored by half."""
    log.error("the inbox cannot be written", error=type(error).__name__)
    return IngestionRejected(
        503,
        "The inbox cannot be written just now.",
        reason=RefusalReason.DATABASE,
        retry_after=RETRY_AFTER_SECONDS,
    )


def _named_key(request: IncomingRequest) -> str:
    return key_of_headers(request.authorization) or request.query_key


def _accept(key: WriteKey, request: IncomingRequest, body: bytes, envelope: Envelope) -> PreparedBody:
    """Return what is to be stored. Raises IngestionRejected where the inbox has no room for it."""
    event_count = len(envelope.events)
    if not event_count:
        return PreparedBody(key, None)
    if not inbox_capacity.has_capacity(key.source_id, len(body), event_count):
        throttle_log.note(key, ThrottleBound.INBOX_SHARE, size=len(request.body))
        raise IngestionRejected(
            503,
            "The inbox is full. Send it again later.",
            reason=RefusalReason.INBOX_FULL,
            retry_after=RETRY_AFTER_SECONDS,
            key=key.key,
            source_id=key.source_id,
        )
    # Now and not when it is stored: others of this process wait to be stored as well.
    inbox_capacity.add(key.source_id, len(body), event_count)
    accepted = AcceptedBody(
        source_id=key.source_id,
        environment=key.environment,
        wire=request.route.wire.name,
        call=request.route.call,
        body=body,
        event_count=event_count,
        received_at=timezone.now(),
        is_history=request.route.is_history,
    )
    return PreparedBody(key, accepted)


def _require_rate(key: WriteKey, request: IncomingRequest) -> None:
    """Raise IngestionRejected where the key or its source has used up its rate. Asks no database.

    Always 503: on 429 the SDKs of the wires that there are come back about every second, whatever Retry-After says.
    """
    if (exceeded := rate_limiter.exceeded(key)) is None:
        return
    throttle_log.note(key, exceeded.bound, size=len(request.body))
    raise IngestionRejected(
        503,
        f"More came than may be sent ({exceeded.bound.label.lower()}). Send it again in {exceeded.retry_after} s.",
        reason=RefusalReason.RATE,
        retry_after=exceeded.retry_after,
        key=key.key,
        source_id=key.source_id,
    )


def _split_body(request: IncomingRequest, limits: ReadLimits) -> tuple[bytes, Envelope]:
    max_bytes = limits.inflated_bytes or settings.COLLECT_MAX_INFLATED_BYTES
    try:
        body = inflate(request.body, max_bytes, encoding=request.encoding)
        if len(body) > max_bytes:
            raise BodyTakesLong
        return body, request.route.wire.split(
            body,
            call=request.route.call,
            max_events=settings.COLLECT_MAX_EVENTS,
            max_lenient_bytes=limits.lenient_bytes,
        )
    except TakesLong as error:
        raise BodyTakesLong from error
    except BodyTooLarge as error:
        if limits.inflated_bytes:
            raise BodyTakesLong from error
        raise IngestionRejected(413, str(error), reason=RefusalReason.TOO_LARGE) from error
    except OversizedBody as error:
        raise IngestionRejected(413, str(error), reason=RefusalReason.TOO_LARGE) from error
    except UnknownEncoding as error:
        raise IngestionRejected(415, str(error), reason=RefusalReason.UNKNOWN_ENCODING) from error
    except (InvalidBody, UnparsableBody) as error:
        raise IngestionRejected(400, str(error), reason=RefusalReason.UNREADABLE) from error


def _authenticate(write_key: str) -> WriteKey:
    if not write_key:
        raise IngestionRejected(
            401,
            "No write key came: send it as the user of Basic authorization or as writeKey.",
            reason=RefusalReason.NO_KEY,
        )
    key = find_active_key(write_key)
    if key is None:
        raise _unknown_key(write_key)
    return key


def _unknown_key(write_key: str) -> IngestionRejected:
    source_id = find_key_source_id(write_key)
    return IngestionRejected(
        401,
        "This write key is unknown or no longer in use.",
        reason=RefusalReason.UNKNOWN_KEY if source_id is None else RefusalReason.ENDED_KEY,
        key=write_key,
        source_id=source_id,
    )


def key_of_headers(authorization: str) -> str:
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
class KeyUsageRecorder:
    """When this process last noted that a key was used: once a minute is enough, and spares a write a request."""

    recorded_at: dict[int, float] = field(default_factory=dict)
    failed_at: float = float("-inf")

    def record(self, key_ids: Iterable[int]) -> None:
        """Note the keys that are due, with one statement. Raises what the database does; then none is for a minute."""
        now = time.monotonic()
        due = {pk for pk in key_ids if _is_due(self.recorded_at.get(pk, float("-inf")), now)}
        if not due or not _is_due(self.failed_at, now):
            return
        self.recorded_at.update(dict.fromkeys(due, now))
        try:
            with limit_database_waits(KEY_USAGE_DATABASE_SECONDS):
                update_keys_last_seen(due, at=timezone.now())
        except (DatabaseError, InterfaceError):
            self.failed_at = now
            raise


def _is_due(last: float, now: float) -> bool:
    return now - last >= KEY_USAGE_INTERVAL_SECONDS


key_usage_recorder = KeyUsageRecorder()
