"""Signing in on the tour: by the link that the start prints, once, and from then on from account to account."""

from __future__ import annotations

import os
from pathlib import Path

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.current_user import current_user
from accounts.models import User
from accounts.permissions import Decision, Forbidden
from accounts.services import begin_session
from demo.credentials import USERNAME_BY_ACCOUNT
from runtime.startup.greeting import SIGN_IN_LINK_FILE
from tour.tour_accounts import is_demo_account

log = structlog.get_logger(__name__)

FIRST_ACCOUNT = "developer"
"""Whoever may do the first step that not everybody may: ship a version of the shop."""


def consume_sign_in_link(token: str) -> bool:
    """Tell whether this is the word of the link that was printed and nobody has used. From then on it is used.

    Of two requests at once, the one that removes the file succeeds.
    """
    path = Path(settings.STATE_DIR) / SIGN_IN_LINK_FILE
    try:
        is_valid = constant_time_compare(path.read_text().strip(), token)
        if not is_valid or not token:
            return False
        os.unlink(path)
    except (FileNotFoundError, ValueError):
        return False
    return True


def sign_in_as(request: HttpRequest, account: str) -> User | None:
    """Sign the visitor in as a demo account, and return the person; None where nobody can sign in as it.

    A real sign-in: the session is a new one, and whatever is done from now on is done by that person.
    """
    user = User.objects.filter(username=USERNAME_BY_ACCOUNT.get(account, ""), is_active=True).first()
    if user is not None:
        begin_session(request, user, reason="On the tour of the demo.")
        log.info("tour.signed_in", account=account)
    return user


def switch_account(request: HttpRequest, account: str) -> User | None:
    """Sign a visitor who has a demo account in as another one. Raises Forbidden for anybody else."""
    if not is_demo_account(current_user(request)):
        raise Forbidden(Decision(False, "Only the accounts of the demo may be changed for one another."))
    return sign_in_as(request, account)
