"""Tasks of this app."""

from celery import shared_task

from accounts.audit import expire_audit_entries
from accounts.models import Session


@shared_task(name="accounts.expire", expires=3_600)
def expire() -> None:
    """Delete sessions that have ended, and entries of the audit log that are past their time."""
    Session.objects.ended().delete()
    expire_audit_entries()
