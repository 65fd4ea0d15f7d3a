"""People and teams for tests, made the ordinary way."""

from __future__ import annotations

from typing import Any

from factory.declarations import LazyAttribute, Sequence
from factory.django import DjangoModelFactory

from accounts.models import Membership, Team, User
from accounts.roles import COMPANY_ROLES, Role

PASSWORD = "a long enough phrase"


class TeamFactory(DjangoModelFactory[Team]):
    """A team of its own name."""

    class Meta:
        model = Team
        django_get_or_create = ("slug",)

    name = Sequence(lambda number: f"Team {number}")
    slug = LazyAttribute(lambda team: team.name.lower().replace(" ", "-"))


class UserFactory(DjangoModelFactory[User]):
    """An active person with the password `PASSWORD` and no membership."""

    class Meta:
        model = User

    username = Sequence(lambda number: f"person{number}")
    name = Sequence(lambda number: f"Person {number}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **{"password": PASSWORD} | kwargs)


def person(role: Role | str = Role.VIEWER, *, team: Team | None = None, **fields: Any) -> User:
    """Somebody with one role: in `team`; without one in the whole company where the role can be held so, else in a
    team of their own.
    """
    user = UserFactory.create(**fields)
    held_in = team if team or role in COMPANY_ROLES else TeamFactory.create()
    Membership.objects.create(user=user, team=held_in, role=role)
    return user


def admin(**fields: Any) -> User:
    """Somebody who manages people."""
    return person(Role.ADMIN, **fields)
