"""The one writer of the audit log. The same thing within a minute is one row that counts, and rows are bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.audit.request_origin import NOWHERE, RequestOrigin
from accounts.models import ApiToken, AuditEntry, AuditKind, User
from accounts.models.session import session_label

MAX_ROWS_A_MINUTE = 10
"""So many different rows of a kind are written within a minute of one person, or of one network that names nobody."""

MAX_STRANGERS_A_MINUTE = 200
"""So many of all who name nobody together, whatever networks they come from."""

MAX_PATH, MAX_REASON = 200, 400
SHOWN_OF_NAME = 2
MORE = "More than can be told apart within one minute."
EVER = "ever"


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What an entry tells, as it was."""

    kind: AuditKind
    person: User | None = None
    by: User | None = None
    name_tried: str = ""
    origin: RequestOrigin = NOWHERE
    token: ApiToken | None = None
    reason: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the columns of its row, within their bounds."""
        return {
            "kind": self.kind,
            "person": self.person,
            "by": self.by,
            "name_tried": mask_name(self.name_tried),
            "network": self.origin.network[:64],
            "session_label": session_label(self.origin.session_id) if self.origin.session_id else "",
            "token": self.token,
            "path": self.origin.path[:MAX_PATH],
            "reason": self.reason[:MAX_REASON],
        }


def record_audit(
    kind: AuditKind,
    *,
    person: User | None = None,
    by: User | None = None,
    name_tried: str = "",
    origin: RequestOrigin = NOWHERE,
    token: ApiToken | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Write what happened: a row, or one more on the count of the row that says the same of this minute.

    `person` is whose account it is about, `by` who acted where that is somebody else, `name_tried` what a stranger
    typed as a name. After ten different rows of a kind and person (or network) within a minute, one more counts the
    rest, so that whoever runs in a loop fills no table, and hides nothing of another kind.
    """
    acting = by if by is not None and (person is None or by.pk != person.pk) else None
    facts = AuditFacts(kind, person, acting, name_tried, origin, token, reason)
    moment = at or timezone.now()
    minute = moment.replace(second=0, microsecond=0)
    key = _fold_key(minute.isoformat(), facts)
    if _count_up(key):
        return
    if _is_full(facts, minute):
        facts = _summary(facts)
        key = _fold_key(minute.isoformat(), facts)
    if not _count_up(key) and not _create(facts, key, moment):
        _count_up(key)


def record_audit_once(
    kind: AuditKind, *, person: User, origin: RequestOrigin, token: ApiToken, at: datetime | None = None
) -> bool:
    """Write that a token is used from a network, unless an entry says so already; its path is that of the first use.

    Return whether an entry says so now: False where this minute has too many of them, which one row counts.
    """
    facts = AuditFacts(kind, person, origin=origin, token=token)
    identity = AuditFacts(kind, origin=RequestOrigin(origin.network), token=token)
    key = _fold_key(EVER, identity)
    moment = at or timezone.now()
    if AuditEntry.objects.filter(fold_key=key).exists():
        return True
    if _is_full(facts, moment.replace(second=0, microsecond=0)):
        record_audit(kind, person=person, origin=origin, token=token, at=moment)
        return False
    _create(facts, key, moment)
    return True


def mask_name(name: str) -> str:
    """Return the beginning of a name that nobody has; people type passwords where a name belongs."""
    return "" if not name else f"{name[:SHOWN_OF_NAME] if len(name) > 2 * SHOWN_OF_NAME else ''}…"


def _fold_key(period: str, facts: AuditFacts) -> str:
    """Return one text for what is one row within a period."""
    columns = {name: getattr(value, "pk", value) for name, value in facts.columns().items()}
    # The whole name, though its beginning alone is kept: ten tries of one name are one row, of ten names ten. With a
    # key, since it may be a password, and a plain hash of one can be guessed.
    parts = [period, facts.name_tried, *(f"{name}={value}" for name, value in columns.items())]
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return salted_hmac("accounts.audit", text, algorithm="sha256").hexdigest()


def _count_up(key: str) -> bool:
    return bool(AuditEntry.objects.filter(fold_key=key).update(times=F("times") + 1))


def _create(facts: AuditFacts, key: str, at: datetime) -> bool:
    """Write a row; False where another process wrote it first."""
    try:
        with transaction.atomic():
            AuditEntry.objects.create(**facts.columns(), at=at, fold_key=key)
    except IntegrityError:
        return False
    return True


def _is_full(facts: AuditFacts, minute: datetime) -> bool:
    """Tell whether there are as many rows of this minute as may be, of this person or of strangers."""
    recent = AuditEntry.objects.filter(kind=facts.kind, at__gte=minute)
    if facts.person is not None:
        return recent.filter(person=facts.person)[:MAX_ROWS_A_MINUTE].count() >= MAX_ROWS_A_MINUTE
    strangers = recent.filter(person=None)
    of_network = strangers.filter(network=facts.origin.network)
    return (
        of_network[:MAX_ROWS_A_MINUTE].count() >= MAX_ROWS_A_MINUTE
        or strangers[:MAX_STRANGERS_A_MINUTE].count() >= MAX_STRANGERS_A_MINUTE
    )


def _summary(facts: AuditFacts) -> AuditFacts:
    """Return what one row says of all the rest of a minute: of a person by name, of strangers together."""
    return AuditFacts(facts.kind, facts.person, reason=MORE)
