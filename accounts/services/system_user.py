"""The system user, whom no service makes a person of."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.models import User


def refuse_system_user(user: User) -> None:
    """Raise ValidationError for the system user: it may everything, so that nobody may act as it."""
    if user.is_system:
        raise ValidationError("The system user acts for tasks alone. Choose a person's account.")
