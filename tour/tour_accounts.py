"""Who is who in the tour: the demo accounts, and the parts that they play in it."""

from dataclasses import dataclass

from accounts.models import User
from demo.credentials import USERNAME_BY_ACCOUNT

ROLE_LABELS = {
    "pm": "product manager",
    "analyst": "analyst",
    "developer": "developer",
    "qa": "QA",
    "admin": "admin",
    "viewer": "viewer",
}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A demo account, the person behind it, and whether it is the one that is signed in."""

    account: str
    name: str
    role_label: str
    is_signed_in: bool

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


def demo_accounts(signed_in: User) -> list[DemoAccount]:
    """Return the accounts in the order of the demo, those alone that can sign in (one query)."""
    people = {
        user.username: user for user in User.objects.filter(username__in=USERNAME_BY_ACCOUNT.values(), is_active=True)
    }
    return [
        DemoAccount(account, str(people[username]), ROLE_LABELS[account], people[username].pk == signed_in.pk)
        for account, username in USERNAME_BY_ACCOUNT.items()
        if username in people
    ]


def is_demo_account(user: User) -> bool:
    """Tell whether somebody is signed in with one of the demo accounts, whose change costs nobody anything."""
    return user.username in USERNAME_BY_ACCOUNT.values()
