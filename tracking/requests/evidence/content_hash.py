"""The hash of a request's content, which an approval refers to."""

from typing import Any

from catalog.contract import definition_hash as document_hash
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Request

HASHED_FIELDS = ("title", "question", "decision", "metric", "message", "reason", "priority", "expected_per_day")


def request_content_hash(request: Request) -> bytes:
    """Return the SHA-256 of a request's content; any edit of what is asked for changes it."""
    changes = request.changes.prefetch_related("sources").order_by("id")
    content: dict[str, Any] = {name: getattr(request, name) for name in HASHED_FIELDS}
    content |= {
        "review_by": request.review_by.isoformat() if request.review_by else None,
        "owner": request.owner_id,
        "team": request.team_id,
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
            }
            for change in changes
        ],
    }
    return document_hash(content)
