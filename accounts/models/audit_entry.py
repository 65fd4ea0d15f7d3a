"""The audit log: who came in, who was refused, and what tokens were used for it."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.session import session_id_of
from accounts.models.token import ApiToken


class AuditKind(models.TextChoices):
    """What the audit log tells of."""

    SIGN_IN = "sign_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
    SIGN_OUT = "sign_out", "Signed out"
    SESSION_ENDED = "session_ended", "Session ended"
    PASSWORD_CHANGED = "password_changed", "Password changed"
    REFUSED = "refused", "Refused"
    TOKEN_ISSUED = "token_issued", "Token created"
    TOKEN_REVOKED = "token_revoked", "Token revoked"
    TOKEN_NETWORK = "token_network", "Token used from a new network"
    TOKEN_REFUSED = "token_refused", "Token refused"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Entries of the audit log."""

    def with_list_data(self) -> Self:
        """Each with its person, whoever acted on them, and its token."""
        return self.select_related("person", "by", "token")


class AuditEntry(models.Model):
    """Something that an admin or data lead wants to see. `accounts.audit.record_audit` is its only writer.

    History says what was changed; this says who was there, who was not let in, and from where. The same thing within
    one minute is one row that counts. A database trigger refuses every other change, and rows go by age alone
    (see `accounts.migrations._audit_guard`).
    """

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20, choices=AuditKind)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_entries", help_text="Whose account"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who acted on it",
    )
    name_tried = models.CharField(max_length=20, blank=True, help_text="The beginning of a name that nobody has")
    network = models.CharField(max_length=64, blank=True)
    session_label = models.CharField(max_length=40, blank=True)
    token = models.ForeignKey(ApiToken, models.PROTECT, null=True, related_name="audit_entries")
    path = models.CharField(max_length=200, blank=True, help_text="Without its query")
    reason = models.CharField(max_length=400, blank=True)
    times = models.PositiveIntegerField(default=1, help_text="How often within the minute")
    fold_key = models.CharField(max_length=64, unique=True, editable=False)

    objects: ClassVar[models.Manager[AuditEntry]] = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = (
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["person", "-at"], name="audit_person"),
            models.Index(fields=["network", "-at"], name="audit_network"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def session_id(self) -> int | None:
        """The id of the session that it came from, which may have ended since; None where it came from none."""
        return session_id_of(self.session_label)
