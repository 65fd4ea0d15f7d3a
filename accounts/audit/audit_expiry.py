"""Entries of the audit log that are past their time."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User

EXPIRE = "SELECT signalbook_expire_audit(%s, %s)"


def expire_audit_entries(*, at: datetime | None = None) -> int:
    """Delete entries older than `AUDIT_RETENTION`, by whole days, and return how many.

    A function of the database's owner does it, which keeps every entry for a week and writes into history how many it
    deleted: one line a day, since the first run of a day deletes all of one day.
    """
    oldest = (at or timezone.now()) - settings.AUDIT_RETENTION
    before = datetime.combine(oldest.date(), time.min, oldest.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE, [before, User.objects.system().pk])
        return int(cursor.fetchone()[0])
