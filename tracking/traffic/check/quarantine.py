"""Quarantine: what could not be checked, kept so that people can see it, download it and send it again."""

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from pages.ui.humanize import exact_time
from tracking.traffic import maintenance_lock
from tracking.traffic.models import InboxBatch, QuarantinedBatch


def quarantine_batch(batch: InboxBatch, *, reason: str) -> QuarantinedBatch:
    """Keep a batch that failed too often. The caller deletes it from the inbox, in the same transaction."""
    return QuarantinedBatch.objects.create(
        source_id=batch.source_id,
        environment=batch.environment,
        wire=batch.wire,
        call=batch.call,
        body=batch.body,
        size=batch.size,
        event_count=batch.event_count,
        received_at=batch.received_at,
        is_history=batch.is_history,
        counted=batch.counted,
        attempts=batch.attempts,
        reason=reason,
        quarantined_at=timezone.now(),
    )


@transaction.atomic
def resend_quarantined(batch: QuarantinedBatch, *, by: User) -> InboxBatch:
    """Put a quarantined batch into the inbox again, received when it was received, and return it there.

    An event that was counted as unchecked loses that count where it gains its verdict: in the transaction of its
    check. Raises Forbidden where `by` may not, and UnmetConditionsError where it was sent again before.
    """
    maintenance_lock.acquire_shared()
    locked = QuarantinedBatch.objects.select_for_update(of=("self",)).select_related("source").get(pk=batch.pk)
    require(by, Capability.QUARANTINE_RESEND, on=locked.source)
    if locked.resent_at is not None:
        raise UnmetConditionsError(
            [UnmetCondition("resent", f"This was sent again at {exact_time(locked.resent_at)}.")]
        )
    locked.resent_at = batch.resent_at = timezone.now()
    locked.save(update_fields=["resent_at"])
    record(
        by=by,
        subject_type="quarantine",
        subject_id=locked.pk,
        parent_type="source",
        parent_id=locked.source_id,
        action="sent again",
        evidence={"events": locked.event_count, "reason": locked.reason},
    )
    return InboxBatch.objects.create(
        source_id=locked.source_id,
        environment=locked.environment,
        wire=locked.wire,
        call=locked.call,
        body=locked.body,
        size=locked.size,
        event_count=locked.event_count,
        received_at=locked.received_at,
        is_history=locked.is_history,
        counted=locked.counted,
    )


@transaction.atomic
def download_quarantined(batch: QuarantinedBatch, *, by: User) -> bytes:
    """Return the body as it came, and leave a line that says who took it.

    Raises Forbidden where `by` may not: it holds what people did, unmasked.
    """
    require(by, Capability.QUARANTINE_DOWNLOAD, on=batch.source)
    record(
        by=by,
        subject_type="quarantine",
        subject_id=batch.pk,
        parent_type="source",
        parent_id=batch.source_id,
        action="downloaded",
    )
    return bytes(batch.body)
