"""Traffic for tests: bodies as SDKs send them, posted to the collector and checked by the worker's own functions."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from uuid import uuid4

from django.test import Client

from catalog.models import WriteKey
from tracking.traffic.check import worker
from tracking.traffic.check.inbox_queue import claim_batches, claim_single
from tracking.traffic.models import TrafficCount


def track_call(name: Any = "Order Completed", **fields: Any) -> dict[str, Any]:
    """A track call as Segment's SDKs write it, with an id of its own."""
    return {
        "type": "track",
        "event": name,
        "userId": "u-1001",
        "properties": {"total": 27.5},
        "context": {"app": {"version": "2.4.1"}, "library": {"name": "analytics.js", "version": "4.1"}},
        "timestamp": "2026-11-24T10:00:00.000Z",
        "messageId": str(uuid4()),
        **fields,
    }


def basic_auth_header(key: WriteKey | str) -> str:
    """The Authorization header that carries a write key."""
    text = key if isinstance(key, str) else key.key
    return "Basic " + base64.b64encode(f"{text}:".encode()).decode()


def post_body(
    key: WriteKey | str,
    body: bytes | dict[str, Any],
    *,
    path: str = "/v1/batch",
    is_gzipped: bool = False,
    **headers: str,
) -> Any:
    """Post a body to the collector and return its answer."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    if is_gzipped:
        content = gzip.compress(content)
    return Client().post(
        path, content, "application/json", headers={"authorization": basic_auth_header(key), **headers}
    )


def post_batch(key: WriteKey | str, *events: Any, **options: Any) -> Any:
    """Post events as one batch, sent at the moment at which `track_call` happened, and return the answer."""
    return post_body(key, {"batch": list(events), "sentAt": "2026-11-24T10:00:00.000Z"}, **options)


def process_inbox() -> int:
    """Check all that waits, as a worker does, and return how many events that was."""
    evaluated = 0
    while claims := [claim for claim in (claim_single(), claim_batches()) if claim is not None]:
        evaluated += sum(worker.process_claim(claim) for claim in claims)
    return evaluated


def counts_by_verdict(**by: Any) -> dict[str, int]:
    """How many events were counted, by verdict; `by` narrows the rows."""
    found: dict[str, int] = {}
    for verdict, count in TrafficCount.objects.filter(**by).order_by().values_list("verdict", "count"):
        found[verdict] = found.get(verdict, 0) + count
    return {verdict: count for verdict, count in found.items() if count}
