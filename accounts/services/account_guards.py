"""What every service that changes an account minds: the system user is nobody's, and one admin stays."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.models import Membership, User
from accounts.roles import Role


def refuse_system_user(user: User) -> None:
    """Raise ValidationError for the system user: it may everything, so that nobody may act as it."""
    if user.is_system:
        raise ValidationError("The system user acts for tasks alone. Choose a person's account.")


def lock_admin_memberships() -> dict[int, int]:
    """Return the admin memberships of active people, of whom the system user is none, with their people.

    Locked, so that two admins who remove each other at the same moment do not both succeed. Whoever locks a person as
    well does so afterwards, so that the two do not deadlock either.
    """
    admins = Membership.objects.filter(role=Role.ADMIN, team=None, user__is_active=True, user__is_system=False)
    locked = admins.select_related("user").select_for_update(of=("self", "user")).order_by("pk")
    return {membership.pk: membership.user_id for membership in locked}
