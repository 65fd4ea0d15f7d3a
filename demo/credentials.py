"""Who can sign in to the demo and what apps send with: `demo.json`, with passwords and tokens of this installation."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import ApiToken, User
from accounts.roles import GRANTS, Capability, Role, Scope, required_scope
from accounts.services import issue_token, revoke_token
from accounts.services.tokens import token_digest
from catalog.choices import Environment
from catalog.models import Source
from catalog.services.write_keys import current_key
from demo.company import PEOPLE
from runtime.files import write_private

TOKEN_NAME = "Demo"  # noqa: S105  what the token is called, not the token
USERNAME_BY_ACCOUNT = {entry.account: entry.username for entry in PEOPLE if entry.account}

Credentials = dict[str, dict[str, str]]


def demo_file() -> Path:
    """Return where the demo's address, accounts and write keys are written."""
    return Path(settings.STATE_DIR) / "demo.json"


def write_credentials(url: str) -> bool:
    """Write `demo.json`, and return whether the accounts got new passwords and tokens.

    They keep those that the file names as long as its tokens work; where it is missing, damaged, or another
    database's, they get new ones, since nobody can read the old ones any more.
    """
    path = demo_file()
    current_content = _read_demo_file(path)
    accounts = _working_accounts(current_content)
    is_new = accounts is None
    content = {"url": url, "accounts": accounts or _issue_credentials(), "sources": write_keys()}
    if content != current_content:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, json.dumps(content, indent=2) + "\n")
    return is_new


def refresh_keys() -> None:
    """Write the keys of the sources that are left into `demo.json`, where there is one."""
    path = demo_file()
    if current_content := _read_demo_file(path):
        write_private(path, json.dumps(current_content | {"sources": write_keys()}, indent=2) + "\n")


def write_keys() -> dict[str, dict[str, str]]:
    """Return the write keys of the demo's sources by slug and environment."""
    found: dict[str, dict[str, str]] = {}
    for source in Source.objects.filter(is_sample=True).order_by("slug"):
        keys = {environment.value: current_key(source, environment) for environment in Environment}
        found[source.slug] = {environment: key.key for environment, key in keys.items() if key is not None}
    return found


def usable_scopes(user: User) -> list[Scope]:
    """Return every scope that a token of this person can be used for: those with something their roles bring."""
    capabilities: set[Capability] = set()
    for membership in user.memberships.all():
        grant = GRANTS[Role(membership.role)]
        capabilities |= grant.anywhere | grant.own_team | (grant.company if membership.team_id is None else set())
    return sorted({required_scope(capability) for capability in capabilities})


@transaction.atomic
def _issue_credentials() -> Credentials:
    """Give each account a new password and token; former demo tokens end."""
    accounts: Credentials = {}
    for account, username in USERNAME_BY_ACCOUNT.items():
        user = User.objects.get(username=username)
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.must_change_password = False  # it stands in a file for whoever tries the demo, and has to open it
        user.save(update_fields=["password", "must_change_password"])
        for token in ApiToken.objects.filter(user=user, name=TOKEN_NAME, revoked_at=None):
            revoke_token(token, by=user)
        _token, plain = issue_token(user=user, name=TOKEN_NAME, scopes=usable_scopes(user), by=user)
        accounts[account] = {"username": username, "password": password, "token": plain}
    return accounts


def _read_demo_file(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _working_accounts(file_content: dict[str, Any]) -> Credentials | None:
    """Return the accounts of a file where each of them still opens this database, else None."""
    accounts = file_content.get("accounts")
    if not isinstance(accounts, dict) or accounts.keys() != USERNAME_BY_ACCOUNT.keys():
        return None
    for account, username in USERNAME_BY_ACCOUNT.items():
        entry = accounts[account]
        if not isinstance(entry, dict) or entry.keys() != {"username", "password", "token"}:
            return None
        tokens = ApiToken.objects.usable().filter(user__username=username, digest=token_digest(str(entry["token"])))
        if not tokens.exists():
            return None
    return accounts
