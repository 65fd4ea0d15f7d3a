"""Sessions begun and ended. One that has ended works nowhere any more, from the next request on."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import NOWHERE, RequestOrigin, origin_of, record_audit
from accounts.client_network import client_network
from accounts.models import AuditKind, Session, User
from accounts.models.session import SessionQuerySet
from accounts.permissions import WHOLE_COMPANY, Decision, Forbidden, require
from accounts.roles import Capability
from accounts.sessions.session_store import SIGNED_IN

SIGN_IN_BACKEND = "django.contrib.auth.backends.ModelBackend"
MAX_USER_AGENT = 300


@transaction.atomic
def begin_session(request: HttpRequest, user: User, *, reason: str = "") -> None:
    """Sign a person in, who has proven who they are, and write it into the audit log.

    Raises Forbidden where the person was deactivated meanwhile.
    """
    # Whoever deactivates the person waits for this, and then ends this session too.
    if not User.objects.select_for_update().get(pk=user.pk).is_active:
        raise Forbidden(Decision(False, "This account is deactivated."))
    login(request, user, backend=SIGN_IN_BACKEND)
    request.session[SIGNED_IN] = {
        "at": timezone.now().isoformat(),
        "network": client_network(request)[:64],
        "user_agent": request.headers.get("User-Agent", "")[:MAX_USER_AGENT],
    }
    request.session.save()
    session = Session.objects.get(session_key=request.session.session_key)
    origin = RequestOrigin(client_network(request), session.pk)
    record_audit(AuditKind.SIGN_IN, person=user, origin=origin, reason=reason or f"{session.client}.")


def end_own_session(request: HttpRequest) -> None:
    """Sign somebody out of the browser that asks. Where nobody is signed in, nothing is written."""
    if isinstance(request.user, User):
        record_audit(AuditKind.SIGN_OUT, person=request.user, origin=origin_of(request))
    logout(request)


@transaction.atomic
def end_session(session: Session, *, by: User, origin: RequestOrigin = NOWHERE) -> None:
    """Sign a person out of another browser. Again: changes nothing.

    Raises Forbidden where `by` is neither the person nor somebody who manages people.
    """
    if by.pk != session.user_id:
        require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    removed, _ = Session.objects.filter(pk=session.pk).delete()
    if removed:
        summary = f"{session.label}: {session}"
        record_audit(AuditKind.SESSION_ENDED, person=session.user, by=by, origin=origin, reason=summary)


@transaction.atomic
def end_other_sessions(*, by: User, origin: RequestOrigin) -> int:
    """Sign somebody out of every browser but the one that asks, and return of how many."""
    others = Session.objects.filter(user=by)
    if origin.session_id is not None:
        others = others.exclude(pk=origin.session_id)
    return _end_sessions(others, by=by, origin=origin)


@transaction.atomic
def end_all_sessions(person: User, *, by: User, origin: RequestOrigin = NOWHERE) -> int:
    """Sign a person out of every browser, for services that close an account or change what opens it.

    Returns of how many. Raises Forbidden where `by` is neither the person nor somebody who manages people.
    """
    return _end_sessions(Session.objects.filter(user=person), by=by, origin=origin)


def _end_sessions(sessions: SessionQuerySet, *, by: User, origin: RequestOrigin) -> int:
    """End those in which somebody is signed in, each with its entry, and forget those whose time is over."""
    current = list(sessions.of_people().select_related("user"))
    for session in current:
        end_session(session, by=by, origin=origin)
    sessions.delete()
    return len(current)
