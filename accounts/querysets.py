"""Many people, tokens, teams or history entries at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import ProtectedError, Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import ApiToken, HistoryEntry, Team, User  # noqa: F401  named in strings below

SYSTEM_USERNAME = "signalbook"


class UserQuerySet(models.QuerySet["User"]):
    """People."""

    def active(self) -> UserQuerySet:
        """Those who may sign in; the system user is not one of them."""
        return self.filter(is_active=True, is_system=False)

    def people(self) -> UserQuerySet:
        """Everybody but the system user."""
        return self.filter(is_system=False)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raises ProtectedError always: people are deactivated, never deleted."""
        raise ProtectedError("People are deactivated, never deleted.", set(self))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # a made class
    """People, and the ways they come into being."""

    def create_user(self, username: str, password: str | None = None, *, email: str = "", **fields: Any) -> User:
        """An active person. Without a password nobody can sign in as them until one is set."""
        user: User = self.model(username=self.model.normalize_username(username), email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, *, email: str = "", **fields: Any) -> User:
        """A person with the admin role for the whole company (`manage.py createsuperuser`)."""
        user = self.create_user(username, password, email=email, **fields)
        user.memberships.create(role="admin")
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """The person with this username in any case; raises User.DoesNotExist."""
        return self.get(username__iexact=username)

    def system(self) -> User:
        """The one user that acts for tasks. Made on first use; nobody can sign in as it."""
        user, _ = self.get_or_create(
            is_system=True, defaults={"username": SYSTEM_USERNAME, "name": "Signalbook", "password": "!"}
        )
        return user


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams."""

    def with_member_count(self) -> TeamQuerySet:
        """Each team with `member_count`: its active people, each once whatever roles they hold."""
        return self.annotate(
            member_count=models.Count("memberships__user", filter=Q(memberships__user__is_active=True), distinct=True)
        ).order_by("name")  # a query that groups loses the model's own order


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """API tokens."""

    def usable(self) -> ApiTokenQuerySet:
        """Neither revoked nor expired, of a person who is active."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None, user__is_active=True)

    def ended(self) -> ApiTokenQuerySet:
        """All others."""
        return self.exclude(pk__in=self.usable().values("pk"))


class HistoryQuerySet(models.QuerySet["HistoryEntry"]):
    """Entries of the house's history."""

    def of(self, subject_type: str, subject_id: object) -> HistoryQuerySet:
        """What happened to one thing itself, oldest first, each with its actor."""
        return (
            self.filter(subject_type=subject_type, subject_id=str(subject_id))
            .select_related("actor")
            .order_by("at", "pk")
        )

    def within(self, subject_type: str, subject_id: object) -> HistoryQuerySet:
        """What happened to one thing and to its parts (a request and its deliveries), oldest first."""
        key = str(subject_id)
        return (
            self.filter(Q(subject_type=subject_type, subject_id=key) | Q(parent_type=subject_type, parent_id=key))
            .select_related("actor")
            .order_by("at", "pk")
        )
