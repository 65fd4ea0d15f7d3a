"""A person who signs in, or the one system user that acts for tasks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ProtectedError, Q, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import WHOLE_COMPANY, can
from accounts.roles import Capability

if TYPE_CHECKING:
    from accounts.models.team import Membership
    from accounts.models.token import ApiToken


SYSTEM_USERNAME = "signalbook"


class UserQuerySet(models.QuerySet["User"]):
    """People."""

    def active(self) -> UserQuerySet:
        """Those who may sign in; the system user is not one of them."""
        return self.filter(is_active=True, is_system=False)

    def people(self) -> UserQuerySet:
        """Everybody but the system user."""
        return self.filter(is_system=False)

    def with_username(self, username: str) -> UserQuerySet:
        """The one person with this username in any case, or none.

        By the expression of the unique constraint: `iexact` asks PostgreSQL for capitals, by which *lın* is *LIN*, too,
        so it finds two people where the constraint lets both in.
        """
        return self.alias(folded_username=Lower("username")).filter(folded_username=Lower(Value(username)))

    def with_login(self, login: str) -> UserQuerySet:
        """Those who sign in with this text: as their username or as their e-mail address, in any case."""
        folded = Lower(Value(login))
        people = self.alias(folded_username=Lower("username"), folded_email=Lower("email"))
        return people.filter(Q(folded_username=folded) | (Q(folded_email=folded) & ~Q(email="")))

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raises ProtectedError always: people are deactivated, never deleted."""
        raise ProtectedError("People are deactivated, never deleted.", set(self))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # a made class
    """People, and how they are created."""

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
        found: User = self.with_username(username or "").get()
        return found

    def system(self) -> User:
        """The one user that acts for tasks. Created on first use; nobody can sign in as it."""
        user, _ = self.get_or_create(
            is_system=True, defaults={"username": SYSTEM_USERNAME, "name": "Signalbook", "password": "!"}
        )
        return user


class Theme(models.TextChoices):
    """How a person's pages look."""

    AUTO = "auto", "Like the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


def validate_time_zone(value: str) -> None:
    """Raises ValidationError where `value` is not a name of the time-zone database."""
    if value not in available_timezones():
        raise ValidationError(
            "%(value)s is not a time zone. Choose one such as Europe/Berlin.", params={"value": value}
        )


class User(AbstractBaseUser):
    """A person. People are deactivated, never deleted: history refers to them.

    What a person may do is decided by `accounts.permissions.can` from their memberships alone, so
    there are no groups, permissions or superusers in addition to roles.
    """

    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "Somebody else has this username."},
    )
    name = models.CharField("display name", max_length=150, blank=True, help_text="What colleagues call you.")
    email = models.EmailField("e-mail address", blank=True)
    is_active = models.BooleanField(
        "active", default=True, help_text="Inactive people cannot sign in; what they did keeps their name."
    )
    is_system = models.BooleanField(default=False, editable=False)
    must_change_password = models.BooleanField(
        default=False,
        editable=False,
        help_text="Somebody else chose the password; it opens the page that changes it.",
    )
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    has_shortcuts = models.BooleanField(
        "keyboard shortcuts", default=True, help_text="Single keys such as / and c act on pages."
    )
    date_joined = models.DateTimeField("joined", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # The token of the request limits what its person may do; set on the instance by the API's sign-in.
    token: ApiToken | None = None

    class Meta:
        ordering = ("username",)
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = (
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_any_case",
                violation_error_message="Somebody else has this e-mail address.",
            ),
            models.UniqueConstraint("is_system", condition=models.Q(is_system=True), name="user_one_system"),
        )

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The display name, or the username where there is none."""
        return str(self)

    get_short_name = get_full_name

    def get_absolute_url(self) -> str:
        return reverse("profile")

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the person's password; never for the system user, whatever was stored for it."""
        return not self.is_system and super().check_password(raw_password)

    @cached_property
    def cached_memberships(self) -> list[Membership]:
        """The person's memberships with their teams, read once for each instance."""
        return list(self.memberships.select_related("team"))

    def clear_membership_cache(self) -> None:
        """Makes the next question read the memberships again; services that change them call it."""
        self.__dict__.pop("cached_memberships", None)

    @property
    def is_staff(self) -> bool:
        """Whether the admin site opens for this person: whether they hold the admin role for the whole company."""
        return can(self, Capability.ADMIN_SITE, on=WHOLE_COMPANY).allowed

    is_superuser = False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's permission check, used by the admin site only; each model's admin restricts it further."""
        return self.is_staff

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        """As `has_perm`, for several at once."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """As `has_perm`, for a whole app."""
        return self.is_staff

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises ProtectedError always: people are deactivated, see `accounts.services.users.deactivate`."""
        raise models.ProtectedError("People are deactivated, never deleted.", {self})
