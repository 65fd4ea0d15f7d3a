"""How often a password may be tried: so many failures of an account, and so many from a network, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.client_network import network_of
from accounts.models import SignInAttempt, User

MAX_FORGOTTEN = 1_000

OF_ACCOUNT = "Too many attempts to sign in to this account failed."
FROM_NETWORK = "Too many attempts to sign in from your network failed."


@dataclass(frozen=True, slots=True)
class SignInLock:
    """Why nobody may try now: `reason` says whose limit was met, `until` when the next attempt counts."""

    reason: str
    until: datetime


class SignInLocked(Exception):
    """An attempt that is not made, because too many failed before."""

    def __init__(self, lock: SignInLock) -> None:
        super().__init__(lock.reason)
        self.lock = lock


@transaction.atomic
def begin_attempt(login: str, address: str, *, at: datetime | None = None) -> SignInAttempt:
    """Count an attempt to sign in before the password is looked at; raises SignInLocked where it may not be made.

    `login` is what the person typed, a name or an e-mail address, of an account or of none: both are limited alike.
    From a network where the account signed in lately, only failures of that account there count. So nobody is locked
    out of the places where they work by those who try elsewhere, nor by others behind the same address.
    """
    moment = at or timezone.now()
    account, network = _hash(_account_of(login)), _hash(network_of(address))
    _lock((account, network))
    _forget(moment)
    recent = SignInAttempt.objects.filter(at__gt=moment - settings.SIGN_IN_WINDOW, has_succeeded=False)
    if _is_at_home(account, network):
        limits = [(Q(account_hash=account, network_hash=network), settings.SIGN_IN_ACCOUNT_FAILURES, OF_ACCOUNT)]
    else:
        limits = [
            (Q(account_hash=account), settings.SIGN_IN_ACCOUNT_FAILURES, OF_ACCOUNT),
            (Q(network_hash=network), settings.SIGN_IN_NETWORK_FAILURES, FROM_NETWORK),
        ]
    locks = []
    for condition, limit, reason in limits:
        # Where there are as many as are allowed, the oldest of them is the one that must be past.
        oldest = recent.filter(condition).order_by("-at").values_list("at", flat=True)[limit - 1 : limit]
        locks += [SignInLock(reason, failed_at + settings.SIGN_IN_WINDOW) for failed_at in oldest]
    if locks:
        raise SignInLocked(max(locks, key=lambda lock: lock.until))
    return SignInAttempt.objects.create(account_hash=account, network_hash=network, at=moment)


@transaction.atomic
def mark_succeeded(attempt: SignInAttempt) -> None:
    """Note that an attempt succeeded: it counts as a failure no longer. Those that failed before still do."""
    earlier = SignInAttempt.objects.filter(
        account_hash=attempt.account_hash, network_hash=attempt.network_hash, has_succeeded=True
    )
    earlier.exclude(pk=attempt.pk).delete()
    SignInAttempt.objects.filter(pk=attempt.pk).update(has_succeeded=True)


def is_from_home(attempt: SignInAttempt) -> bool:
    """Tell whether the account signed in lately from where an attempt comes from."""
    return _is_at_home(attempt.account_hash, attempt.network_hash)


def take_back(attempt: SignInAttempt) -> None:
    """Count an attempt no longer, since the password was not looked at."""
    SignInAttempt.objects.filter(pk=attempt.pk).delete()


def account_named(login: str) -> User | None:
    """Return whose name or e-mail address this is, in any case; None where it is nobody's."""
    if not login:
        return None
    return User.objects.with_login(login).order_by("pk").first()


def _account_of(login: str) -> str:
    """Return one text for an account, whether its name or its address was typed; the text itself for no account."""
    known = account_named(login)
    return f"user {known.pk}" if known is not None else f"login {login.casefold()}"


def _is_at_home(account_hash: str, network_hash: str) -> bool:
    known = SignInAttempt.objects.filter(account_hash=account_hash, network_hash=network_hash, has_succeeded=True)
    return known.exists()


def _hash(text: str) -> str:
    return salted_hmac("accounts.sign_in_limits", text, algorithm="sha256").hexdigest()


def _lock(hashes: Sequence[str]) -> None:
    """Let one attempt of an account and from a network be counted after the other, or all would pass at once."""
    with connection.cursor() as cursor:
        for text in sorted(hashes):  # in one order, or two could wait for each other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [text])


def _forget(at: datetime) -> None:
    """Delete what no limit counts any more."""
    failed = Q(has_succeeded=False, at__lte=at - settings.SIGN_IN_WINDOW)
    succeeded = Q(has_succeeded=True, at__lte=at - settings.SIGN_IN_HOME_RETENTION)
    old = SignInAttempt.objects.filter(failed | succeeded).select_for_update(skip_locked=True)
    SignInAttempt.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MAX_FORGOTTEN])).delete()
