"""The seen names of a change: what traffic calls the event that it is about."""

from collections.abc import Iterable

from django.db.models import Q

from catalog.contract import name_hash
from catalog.models import EventName
from tracking.requests.drafted_names import drafted_call
from tracking.requests.models import Change
from tracking.traffic.models import SeenName


def seen_names_for(change: Change) -> list[SeenName]:
    """Return what traffic brought under the event's names, past ones too, and under the drafted name."""
    keys: set[tuple[str, bytes]] = set()
    if change.event_id is not None:
        rows = EventName.objects.filter(event_id=change.event_id).values_list("call", "name_hash")
        keys.update((call, bytes(digest)) for call, digest in rows)
    if change.name:
        keys.add((call_for_change(change), name_hash(change.name)))
    return list(SeenName.objects.filter(_matches_any(keys)).order_by("id")) if keys else []


def call_for_change(change: Change) -> str:
    """Return the call by which the change's event is sent."""
    return drafted_call(change.definition) if change.event is None else str(change.event.call)


def _matches_any(keys: Iterable[tuple[str, bytes]]) -> Q:
    condition = Q()
    for call, digest in sorted(keys):
        condition |= Q(call=call, name_hash=digest)
    return condition
