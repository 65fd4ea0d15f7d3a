"""Forgetting what was seen before the window: the tables of keys change places, and the older one is emptied."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from tracking.traffic import maintenance_lock
from tracking.traffic.models import DedupRotation

ROTATE = "SELECT signalbook_rotate_dedup_keys(make_interval(secs => %s))"
LOCK_TIMEOUT = "1s"
"""How long checks stand still at most where somebody reads the tables, as a backup does. It is tried again later."""

log = structlog.get_logger(__name__)


def rotate_keys() -> bool:
    """Forget the earlier keys once all of them are past the window; return whether that was done.

    The keys of now become the earlier ones: each is known for one to two windows, and counts as long as one. No check
    is at work meanwhile, so all of them add to one table. Where somebody reads the tables, nothing is done.
    """
    if not _is_due(settings.DEDUP_WINDOW):
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            maintenance_lock.acquire_exclusive()
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute(ROTATE, [settings.DEDUP_WINDOW.total_seconds()])
            return bool(cursor.fetchone()[0])
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        log.info("known ids are kept for longer, since somebody reads them", seconds=LOCK_TIMEOUT)
        return False


def _is_due(window: timedelta) -> bool:
    """Tell whether the tables may change places; the rotation itself asks again. The first look begins the window."""
    rotation = DedupRotation.objects.first()
    return rotation is None or rotation.rotated_at <= timezone.now() - window
