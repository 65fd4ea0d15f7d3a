"""The hash of a request's content, which an approval refers to."""

from hashlib import sha256
from typing import Any

from django.db.models import TextField
from django.db.models.functions import MD5, Cast

from catalog.contract import definition_hash as document_hash
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Change, Request

HASHED_FIELDS = ("title", "question", "decision", "metric", "message", "reason", "priority", "expected_per_day")


def request_content_hash(request: Request) -> bytes:
    """Return the SHA-256 of a request's content; any edit of what is asked for changes it."""
    changes = request.changes.prefetch_related("sources").order_by("id")
    content = _own_content(request) | {
        "changes": [
            {
                "action": change.action,
                # The approval itself makes the event of a change that creates one.
                "event": None if change.action == ChangeAction.CREATE else change.event_id,
                "definition": change.definition,
                "sources": sorted(source.slug for source in change.sources.all()),
                "base": change.base_id,
                "successor": change.successor_id,
                "has_no_successor": change.has_no_successor,
                "ends_on": change.ends_on.isoformat() if change.ends_on else None,
                # Left out where there is none, so that what was approved before there were reasons stays approved.
                **({"name_reason": change.name_reason} if change.name_reason else {}),
            }
            for change in changes
        ],
    }
    return document_hash(content)


def request_fingerprint(request: Request) -> str:
    """Return a text that any edit of what is asked for changes, as the content's hash does, for any number of changes.

    The database takes the definitions' own hashes, so that a page need not read a thousand of them. Three
    queries; it is comparable with itself alone, and kept nowhere for longer than a day.
    """
    digest = MD5(Cast("definition", TextField()))
    rows = request.changes.order_by("id").annotate(digest=digest)
    members = ("id", "action", "event", "digest", "base", "successor", "has_no_successor", "ends_on", "name_reason")
    through = Change.sources.through.objects.filter(change__request=request).order_by("change", "source")
    content = (
        *sorted(_own_content(request).items()),
        [
            (pk, action, None if action == ChangeAction.CREATE else event, *rest)
            for pk, action, event, *rest in rows.values_list(*members)
        ],
        list(through.values_list("change", "source")),
    )
    return sha256(repr(content).encode()).hexdigest()


def _own_content(request: Request) -> dict[str, Any]:
    """Return what a request says itself, without its changes."""
    return {name: getattr(request, name) for name in HASHED_FIELDS} | {
        "review_by": request.review_by.isoformat() if request.review_by else None,
        "owner": request.owner_id,
        "team": request.team_id,
    }
