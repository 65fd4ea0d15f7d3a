"""The seen names of a change: what traffic calls the event that it is about."""

from collections import defaultdict
from collections.abc import Iterable

from catalog.contract import name_hash
from catalog.models import EventName
from tracking.requests.drafted_names import drafted_call
from tracking.requests.models import Change
from tracking.traffic.models import SeenName


def seen_names_for(change: Change) -> list[SeenName]:
    """Return what traffic brought under the event's names, past ones too, and under the drafted name."""
    return seen_names_by_change([change])[change.pk]


def seen_names_by_change(changes: Iterable[Change]) -> dict[int, list[SeenName]]:
    """Return the seen names of each of these changes by its id, as `seen_names_for` does. Two queries for all."""
    rows = list(changes)
    keys_by_event: dict[int | None, set[tuple[str, bytes]]] = defaultdict(set)
    event_ids = {change.event_id for change in rows if change.event_id is not None}
    names = EventName.objects.filter(event__in=event_ids).values_list("event", "call", "name_hash")
    for event_id, call, digest in names if event_ids else ():
        keys_by_event[event_id].add((call, bytes(digest)))
    keys_by_change: dict[int, set[tuple[str, bytes]]] = {}
    for change in rows:
        keys = set(keys_by_event[change.event_id]) if change.event_id is not None else set()
        if change.name:
            keys.add((call_for_change(change), name_hash(change.name)))
        keys_by_change[change.pk] = keys
    all_keys = {key for keys in keys_by_change.values() for key in keys}
    calls, hashes = {call for call, _ in all_keys}, {digest for _, digest in all_keys}
    seen_names = list(SeenName.objects.filter(call__in=calls, name_hash__in=hashes).order_by("id")) if hashes else []
    return {
        pk: [name for name in seen_names if (name.call, bytes(name.name_hash)) in keys]
        for pk, keys in keys_by_change.items()
    }


def call_for_change(change: Change) -> str:
    """Return the call by which the change's event is sent."""
    return drafted_call(change.definition) if change.event is None else str(change.event.call)
