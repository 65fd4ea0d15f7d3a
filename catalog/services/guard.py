"""Who may take a step that several capabilities allow."""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.models import User
from accounts.permissions import Forbidden, can
from accounts.roles import Capability


def may_any(user: User, capabilities: Iterable[Capability], *, on: Iterable[Any]) -> bool:
    """Return whether one of the capabilities holds on one of the things."""
    things = list(on)
    return any(can(user, capability, on=thing) for capability in capabilities for thing in things)


def require_any(user: User, capabilities: Sequence[Capability], *, on: Sequence[Any]) -> None:
    """Return where one of the capabilities holds on one of the things.

    Raises Forbidden otherwise, with the reason for the first capability on the first thing.
    """
    if not may_any(user, capabilities, on=on):
        raise Forbidden(can(user, capabilities[0], on=on[0]))
