"""Refusals that a person who is signed in meets, written into the audit log."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.audit.audit_writer import record_audit
from accounts.audit.request_origin import origin_of
from accounts.models import AuditKind, User


def record_refusal(request: HttpRequest | Request, reason: str) -> None:
    """Write that a person, or a program with their token, may not do what they asked for, and why.

    Nothing is written of whoever is not signed in.
    """
    person = request.user
    if isinstance(person, User):
        record_audit(
            AuditKind.REFUSED, person=person, token=person.token, origin=origin_of(request), reason=reason or "Refused."
        )
