"""Where something that the audit log tells of came from."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.client_network import client_network
from accounts.sessions.session_store import SessionStore


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """The network, the session (its id) and the path of a request; all empty where there was none, as in a command."""

    network: str = ""
    session_id: int | None = None
    path: str = ""


NOWHERE = RequestOrigin()


def origin_of(request: HttpRequest | Request) -> RequestOrigin:
    """Return where a request comes from. Its query is left out: what people search for is nobody's business."""
    session = request.session if isinstance(request.session, SessionStore) else None
    return RequestOrigin(client_network(request), session.row_id if session else None, request.path)
