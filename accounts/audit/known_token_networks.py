"""From which networks tokens are used: the first time from each is told, and each request costs next to nothing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.audit.audit_writer import record_audit_once
from accounts.audit.request_origin import origin_of
from accounts.models import ApiToken, AuditKind, User

MAX_REMEMBERED = 10_000
"""So many tokens and networks a process remembers; what it forgot, or never knew, it asks the audit log for."""


@dataclass(slots=True)
class TokenNetworks:
    """The tokens and networks that this process knows to stand in the audit log, those used last at the end."""

    known: OrderedDict[tuple[int, str], None] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def note(self, token: ApiToken, *, person: User, request: HttpRequest | Request) -> None:
        """Write into the audit log that a token is used from a network, where nothing says so yet."""
        origin = origin_of(request)
        use = (token.pk, origin.network)
        with self.lock:
            if use in self.known:
                self.known.move_to_end(use)
                return
        if not record_audit_once(AuditKind.TOKEN_NETWORK, person=person, origin=origin, token=token):
            return
        with self.lock:
            self.known[use] = None
            while len(self.known) > MAX_REMEMBERED:
                self.known.popitem(last=False)


token_networks = TokenNetworks()
