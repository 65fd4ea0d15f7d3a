"""Which undocumented names are already part of an open request, and of which."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from catalog.contract import name_hash
from tracking.requests.choices import ChangeAction
from tracking.requests.drafted_names import NameKey, drafted_call, drafted_name_key
from tracking.requests.models import Change, Request
from tracking.traffic.models import SeenName


def open_requests_for_names(names: Collection[SeenName]) -> dict[int, Request]:
    """Return by the name's id the oldest open request that creates its event, with its author; at most two queries."""
    if not names:
        return {}
    creations = _open_drafts().filter(action=ChangeAction.CREATE, event=None).order_by("id")
    request_id_by_key: dict[NameKey, int] = {}
    for request_id, call, name in creations.values_list("request", "definition__call", "definition__name"):
        for key in _keys_of_draft(call, name):
            request_id_by_key.setdefault(key, request_id)
    # The name as it came is read last, so that it counts before the one without blanks.
    found = {
        seen_name.pk: request_id_by_key[key]
        for seen_name in names
        for key in reversed(_keys_of_seen_name(seen_name.call, seen_name.name, seen_name.name_hash))
        if key in request_id_by_key
    }
    requests = Request.objects.select_related("author").in_bulk(set(found.values())) if found else {}
    return {pk: requests[request_id] for pk, request_id in found.items()}


def names_in_open_requests(seen_name_ids: Collection[int]) -> set[int]:
    """Return which of these seen names an open request would define or rename an event to; two queries.

    Called before traffic forgets names that nobody defined.
    """
    drafted = _open_drafts().order_by().values_list("definition__call", "definition__name")
    drafted_keys = {key for call, name in drafted for key in _keys_of_draft(call, name)}
    rows = SeenName.objects.filter(pk__in=seen_name_ids).order_by().values_list("pk", "call", "name", "name_hash")
    return {
        pk for pk, call, name, digest in rows if not drafted_keys.isdisjoint(_keys_of_seen_name(call, name, digest))
    }


def _open_drafts() -> QuerySet[Change]:
    return Change.objects.filter(request__in=Request.objects.all().open(), definition__name__isnull=False)


def _keys_of_draft(call: Any, name: Any) -> tuple[NameKey, ...]:
    """Return the drafted name as it is and without blanks around it; nothing where it is no text."""
    if not isinstance(name, str):
        return ()
    call = drafted_call({"call": call})
    return (call, name_hash(name)), drafted_name_key(call, name)


def _keys_of_seen_name(call: str, name: str, digest: bytes | memoryview) -> tuple[NameKey, ...]:
    """Return the seen name as it came, then without blanks around it.

    The stored hash comes first: it is of the whole name, where the row holds no more than its first characters.
    """
    whole = (call, bytes(digest))
    return (whole, drafted_name_key(call, name)) if name != name.strip() else (whole,)
