"""Where a body goes that is taken: a row of the inbox, committed before anybody is told."""

from dataclasses import dataclass
from datetime import datetime

from tracking.traffic.models import InboxBatch


@dataclass(frozen=True, slots=True)
class AcceptedBody:
    """A body that was read, split and authenticated. `body` is inflated."""

    source_id: int
    environment: str
    wire: str
    call: str
    body: bytes
    event_count: int
    received_at: datetime
    is_history: bool


def store(accepted: AcceptedBody) -> None:
    """Store a body, and return once it is committed. Raises django.db's OperationalError where it cannot be.

    The one way into the inbox: whoever stores many bodies with one commit does it here.
    """
    InboxBatch.objects.create(
        source_id=accepted.source_id,
        environment=accepted.environment,
        wire=accepted.wire,
        call=accepted.call,
        body=accepted.body,
        size=len(accepted.body),
        event_count=accepted.event_count,
        received_at=accepted.received_at,
        is_history=accepted.is_history,
    )
