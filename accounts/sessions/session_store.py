"""Where sessions are kept: Django's store, of rows that say whose they are, with an idle and an absolute end.

A session that is deleted has ended, at once and for every process: each request reads its row, and what a request
under way still saves finds none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import Session

SIGNED_IN = "signed_in"
"""The key in a session's data under which `accounts.services.sessions` keeps when and from where somebody signed in."""

LAST_SEEN_INTERVAL = timedelta(minutes=1)
SESSION_KEY_LENGTH = 32
"""As Django's own keys: 165 random bits, which no two sessions share."""


class SessionStore(db.SessionStore):
    """One browser's session."""

    last_seen_at: datetime | None = None
    """When the session was used before, once it was read and where somebody is signed in."""

    row_id: int | None = None
    """The id of its row, once it was read and where somebody is signed in; its key is a secret."""

    @classmethod
    def get_model_class(cls) -> type[Session]:  # type: ignore[override]  # a model with an id of its own
        return Session

    def load(self) -> dict[str, Any]:
        row = Session.objects.filter(session_key=self.session_key, expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None  # as Django's does: whoever saves now gets another key than the one that was sent
            return {}
        if row.user_id is not None:
            self.last_seen_at, self.row_id = row.last_seen_at, row.pk
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:  # type: ignore[override]  # as above
        return Session(session_key=self.session_key or "", **self._columns(data))

    def save(self, must_create: bool = False) -> None:
        """Write the session. Raises UpdateError, without writing, where it has been ended meanwhile."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        columns = self._columns(self._data())
        if not Session.objects.filter(session_key=self.session_key).update(**columns):
            raise UpdateError

    def cycle_key(self) -> None:
        """Give the session another secret, as when its person changes their password. It stays the same session.

        Django's would make a new row, with an id that nobody in the audit log has signed in with. Raises
        SessionInterrupted (400), as Django's middleware does, where the session has been ended meanwhile.
        """
        if self.row_id is None:
            super().cycle_key()
            return
        self._data()  # read under the key of now
        new_key = get_random_string(SESSION_KEY_LENGTH, VALID_KEY_CHARS)
        if not Session.objects.filter(pk=self.row_id, session_key=self.session_key).update(session_key=new_key):
            raise SessionInterrupted("The session was ended while this request was under way.")
        self._session_key = new_key
        self.modified = True

    def note_use(self) -> None:
        """Put off the idle end, and remember when that was; at most once a minute, so that few rows are written."""
        now = timezone.now()
        if self.session_key is None or self.last_seen_at is None or now < self.last_seen_at + LAST_SEEN_INTERVAL:
            return
        expire_date = session_end(self._data(), now)
        Session.objects.filter(session_key=self.session_key).update(last_seen_at=now, expire_date=expire_date)

    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = self._get_session()  # type: ignore[attr-defined]  # Django's own, read if it was not yet
        return data

    def _columns(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what the row says of the data, and the data."""
        now = timezone.now()
        signed_in: dict[str, Any] = {}
        if SESSION_KEY in data:
            # Without it a session would have no absolute end.
            signed_in = data.setdefault(SIGNED_IN, {"at": now.isoformat()})
        columns = {
            "session_data": self.encode(data),
            "expire_date": session_end(data, now),
            "user_id": int(data[SESSION_KEY]) if SESSION_KEY in data else None,
        }
        if signed_in:
            columns |= {
                "created_at": datetime.fromisoformat(signed_in["at"]),
                "network": signed_in.get("network", ""),
                "user_agent": signed_in.get("user_agent", ""),
            }
        return columns


def session_end(data: Mapping[str, Any], now: datetime) -> datetime:
    """Return when a session that is used now ends: when it stays unused, or its time is over, whichever is earlier."""
    idle: datetime = now + settings.SESSION_IDLE
    if SIGNED_IN not in data:
        return idle
    return min(idle, datetime.fromisoformat(data[SIGNED_IN]["at"]) + settings.SESSION_LIFETIME)
