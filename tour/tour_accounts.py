"""Who is who in the tour: the demo accounts, and the parts that they play in it."""

from dataclasses import dataclass

from accounts.models import User
from demo.credentials import ACCOUNTS

PARTS = {
    "pm": "product manager",
    "analyst": "analyst",
    "developer": "developer",
    "qa": "QA",
    "admin": "admin",
    "viewer": "viewer",
}


@dataclass(frozen=True, slots=True)
class Player:
    """A demo account, the person behind it, and whether it is the one that is signed in."""

    account: str
    name: str
    part: str
    is_signed_in: bool

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


def players(signed_in: User) -> list[Player]:
    """Return the accounts in the order of the demo, those alone that can sign in (one query)."""
    people = {user.username: user for user in User.objects.filter(username__in=ACCOUNTS.values(), is_active=True)}
    return [
        Player(account, str(people[username]), PARTS[account], people[username].pk == signed_in.pk)
        for account, username in ACCOUNTS.items()
        if username in people
    ]


def is_player(user: User) -> bool:
    """Tell whether somebody is signed in with one of the demo accounts, whose change costs nobody anything."""
    return user.username in ACCOUNTS.values()
