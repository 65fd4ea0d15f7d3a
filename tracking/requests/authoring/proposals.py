"""Which undocumented names are already part of an open request, and of which."""

from collections.abc import Collection

from catalog.contract import name_hash
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Change, Request
from tracking.traffic.models import SeenName


def open_requests_for_names(names: Collection[SeenName]) -> dict[int, Request]:
    """Return by the name's id the oldest open request that creates its event, with its author; one query."""
    if not names:
        return {}
    changes = Change.objects.filter(
        action=ChangeAction.CREATE,
        event=None,
        definition__name__in=[name.name for name in names],
        request__in=Request.objects.all().open(),
    ).select_related("request__author")
    request_by_name: dict[tuple[str, str], Request] = {}
    for change in changes.order_by("id"):
        request_by_name.setdefault((change.definition.get("call", "track"), change.definition["name"]), change.request)
    found = ((name.pk, request_by_name.get((name.call, name.name))) for name in names)
    return {pk: request for pk, request in found if request is not None}


def names_in_open_requests(seen_name_ids: Collection[int]) -> set[int]:
    """Return which of these seen names an open request would define or rename an event to; two queries.

    Called before traffic forgets names that nobody defined.
    """
    drafted = Change.objects.filter(request__in=Request.objects.all().open(), definition__name__isnull=False)
    asked_for = {
        (call or "track", name_hash(name))
        for call, name in drafted.order_by().values_list("definition__call", "definition__name")
        if isinstance(name, str)
    }
    rows = SeenName.objects.filter(pk__in=seen_name_ids).order_by().values_list("pk", "call", "name_hash")
    return {pk for pk, call, digest in rows if (call, bytes(digest)) in asked_for}
