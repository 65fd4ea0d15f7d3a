"""Which names that nobody defined are being defined already, and by whom."""

from collections.abc import Collection

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
