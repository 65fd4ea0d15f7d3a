"""Sends generated events through the ordinary path: as bodies into the inbox, and from there through the check."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from catalog.models import Source
from demo.traffic.generated_event import GeneratedEvent
from demo.traffic.payload_factory import format_timestamp
from tracking.traffic.check.inbox_queue import Claim
from tracking.traffic.check.worker import check_claim
from tracking.traffic.choices import WireChoice
from tracking.traffic.models import InboxBatch

CLAIM_LEASE = timedelta(minutes=10)


def ingest_events(events: Sequence[GeneratedEvent], sources: Mapping[str, Source]) -> int:
    """Let events arrive when they are said to have, and check them. Returns how many were checked.

    What a source sent within an hour is one body, received with the last of it. The batches are created as claimed, so
    that no worker takes them; they are not visible to others before the caller's transaction ends.
    """
    if not events:
        return 0
    claim = Claim(uuid.uuid4(), is_alone=False)
    batches = []
    for _hour, group in groupby(sorted(events, key=_batch_key), key=_batch_key):
        hour_events = sorted(group, key=lambda sent: sent.at)
        received_at = hour_events[-1].at
        body = json.dumps(
            {"batch": [sent.message for sent in hour_events], "sentAt": format_timestamp(received_at)}
        ).encode()
        batches.append(
            InboxBatch(
                source=sources[hour_events[0].source],
                environment=hour_events[0].environment,
                wire=WireChoice.SEGMENT,
                body=body,
                size=len(body),
                event_count=len(hour_events),
                received_at=received_at,
                lease=claim.lease,
                leased_until=timezone.now() + CLAIM_LEASE,
            )
        )
    InboxBatch.objects.bulk_create(sorted(batches, key=lambda batch: batch.received_at))
    return check_claim(claim)


def _batch_key(sent: GeneratedEvent) -> tuple[datetime, str, str]:
    return sent.at.replace(minute=0, second=0, microsecond=0), sent.source, sent.environment
