"""Sessions: who is signed in where, until when."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.sessions.client_words import client_words


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions."""

    def of_people(self, at: datetime | None = None) -> Self:
        """Those in which somebody is signed in, and that have not ended; the one used last comes first."""
        return self.filter(user__isnull=False, expire_date__gt=at or timezone.now()).order_by("-last_seen_at", "-pk")

    def ended(self, at: datetime | None = None) -> Self:
        """Those that nobody can use any more."""
        return self.filter(expire_date__lte=at or timezone.now())


class Session(models.Model):
    """What one browser is known by, with whoever is signed in there; deleting it signs them out.

    `session_key` is the browser's secret and shown nowhere; people and the audit log know a session by its id.
    `accounts.sessions.session_store` writes it.
    """

    session_key = models.CharField(max_length=40, unique=True, editable=False)
    session_data = models.TextField(editable=False)
    expire_date = models.DateTimeField("ends", db_index=True, help_text="Its idle or its absolute end, the earlier one")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="sessions")
    network = models.CharField(max_length=64, blank=True, help_text="From where the person signed in")
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField("signed in", default=timezone.now)
    last_seen_at = models.DateTimeField("last used", default=timezone.now, help_text="To the minute")

    objects: ClassVar[models.Manager[Session]] = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen_at", "-pk")

    def __str__(self) -> str:
        return f"{self.client} since {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def client(self) -> str:
        """The browser and the system in words, such as *Firefox on Windows*."""
        return client_words(self.user_agent)

    @property
    def label(self) -> str:
        """What logs call it."""
        return session_label(self.pk)


LABEL_PREFIX = "session "


def session_label(session_id: int) -> str:
    """Return what logs call a session of this id: it says nothing of its secret."""
    return f"{LABEL_PREFIX}{session_id}"


def session_id_of(label: str) -> int | None:
    """Return the id of the session that logs call so; None where it is no such label."""
    number = label.removeprefix(LABEL_PREFIX)
    return int(number) if label.startswith(LABEL_PREFIX) and number.isdecimal() else None
