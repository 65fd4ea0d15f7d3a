"""The OS accounts of this process and of PostgreSQL."""

import os
import pwd
from dataclasses import dataclass
from typing import TypedDict

from runtime.startup_errors import StartupError

# PostgreSQL refuses to run as root. The first of these that the machine has runs it then.
UNPRIVILEGED_USERS = ("postgres", "nobody")


class SubprocessUser(TypedDict, total=False):
    """The arguments that make `subprocess` start a process as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An OS user."""

    name: str
    uid: int
    gid: int


def subprocess_user(account: Account | None) -> SubprocessUser:
    """Return what `subprocess` needs to start a process as `account`, without any group of ours. None: ourselves."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def current_account() -> Account:
    """Return who we are.

    Raises StartupError where this user has no entry in the user database: PostgreSQL needs its name.
    """
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise StartupError(
            f"The user id {uid} has no name on this machine, and PostgreSQL needs one. "
            "Run as a user that exists, or set DATABASE_URL to a PostgreSQL server."
        ) from None
    return Account(entry.pw_name, uid, entry.pw_gid)


def name_of(uid: int) -> str:
    """Return the name of the OS user `uid`, or its number where it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def account_of_uid(uid: int) -> Account:
    """Return the account that owns something of ours. Raises StartupError where it no longer exists."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise StartupError(
            f"The database's files belong to user id {uid}, which no longer exists on this machine. "
            "Create that user again, or move the folder away to start afresh."
        ) from None
    return Account(entry.pw_name, uid, entry.pw_gid)


def unprivileged_account() -> Account:
    """Return the existing user that runs PostgreSQL for root. Raises StartupError where there is none."""
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise StartupError(
        f"PostgreSQL does not run as root, and this machine has none of the users {', '.join(UNPRIVILEGED_USERS)}. "
        "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
    )
