"""Events for tests that reach the check the real way: stored in the inbox, claimed, checked, counted, recorded."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.utils import timezone

from catalog.choices import Environment, VersionFrom
from catalog.contract.json.pointers import parse_pointer
from catalog.models import Source
from tracking.traffic.check import worker
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.check.inbox_queue import Claim
from tracking.traffic.choices import WireChoice
from tracking.traffic.models import InboxBatch
from tracking.traffic.privacy.pseudonyms import person_hash

VALID_PAYLOAD = {"total": 12.5, "coupon": "SPRING"}
INVALID_PAYLOAD = {"total": "a lot"}


def ingest(
    source: Source,
    name: str,
    payloads: Sequence[Mapping[str, Any]],
    *,
    call: str = "track",
    environment: Environment | str = Environment.PRODUCTION,
    app_version: str = "",
    person_ids: Sequence[int | None] = (1,),
    user_ids: Sequence[str | None] = (None,),
    at: datetime | None = None,
    interval: timedelta = timedelta(0),
    waited: timedelta = timedelta(0),
    clock_error: timedelta = timedelta(0),
    is_history: bool = False,
) -> CheckedBatch:
    """Let one event a payload arrive and be checked by the worker, all in one claim; return what its recorders got.

    The first is received at `at` (default: now), each next one `interval` later; each had `waited` in its app before it
    was sent, and is dated by a clock that is wrong by `clock_error`. `is_history` sends them by the door for history.
    `person_ids` name the devices they
    come from, in turn: `hash_of_person(7)` is the hash that is kept of 7; None stands for an event that names nobody.
    `user_ids` name the users, in turn.
    `app_version` is written where the source looks for one; a source with deploy markers takes it from them.
    """
    first_received_at = at or timezone.now()
    lease, leased_until = uuid.uuid4(), timezone.now() + settings.INBOX_LEASE
    bodies: dict[datetime, list[dict[str, Any]]] = {}
    for number, payload in enumerate(payloads):
        received_at = first_received_at + number * interval
        person_id = person_ids[number % len(person_ids)]
        event = _sent_event(source, name, payload, call, app_version, person_id, received_at + clock_error, waited)
        if (user_id := user_ids[number % len(user_ids)]) is not None:
            event["userId"] = user_id
        bodies.setdefault(received_at, []).append(event)
    for received_at, events in bodies.items():
        body = json.dumps({"batch": events}).encode()
        InboxBatch.objects.create(
            source=source,
            environment=environment,
            wire=WireChoice.SEGMENT,
            body=body,
            size=len(body),
            event_count=len(events),
            received_at=received_at,
            is_history=is_history,
            lease=lease,
            leased_until=leased_until,
        )
    checked_batches: list[CheckedBatch] = []
    recorders = (*worker.recorders(), checked_batches.append)
    with patch.object(worker, "recorders", lambda: recorders):
        worker.check_claim(Claim(lease, is_alone=False))
    (batch,) = checked_batches
    return batch


def ingest_proof(
    source: Source,
    name: str,
    *,
    app_version: str = "",
    since: datetime | None = None,
    payload: Mapping[str, Any] | None = None,
    count: int = 25,
) -> CheckedBatch:
    """Let production send enough for any proof: 25 events from five devices, two minutes apart."""
    return ingest(
        source,
        name,
        [payload or VALID_PAYLOAD] * count,
        app_version=app_version,
        person_ids=range(1, 6),
        at=since,
        interval=timedelta(minutes=2),
    )


def hash_of_person(person_id: int) -> int:
    """Return the keyed hash that evidence keeps of a device that `ingest` lets send."""
    hashed = person_hash(_device_id(person_id))
    assert hashed is not None
    return hashed


def _sent_event(
    source: Source,
    name: str,
    payload: Mapping[str, Any],
    call: str,
    app_version: str,
    person_id: int | None,
    sent_at: datetime,
    waited: timedelta,
) -> dict[str, Any]:
    """Return an event as Segment's SDKs write it."""
    event: dict[str, Any] = {
        "type": call,
        "messageId": str(uuid.uuid4()),
        "timestamp": (sent_at - waited).isoformat(),
        "sentAt": sent_at.isoformat(),
        "event" if call == "track" else "name": name,
        "traits" if call in ("identify", "group") else "properties": dict(payload),
    }
    if person_id is not None:
        event["anonymousId"] = _device_id(person_id)
    if app_version and source.version_from == VersionFrom.PAYLOAD:
        parent = event
        *steps, last = parse_pointer(source.version_path)
        for step in steps:
            parent = parent.setdefault(step, {})
        parent[last] = app_version
    return event


def _device_id(person_id: int) -> str:
    return f"device-{person_id}"
