"""Names of arriving events: what each is looked up by, what it means in the catalog, and its row."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from catalog.contract import Event, clean_name, name_hash
from catalog.contract.rules.unreadable import unreadable_reason
from catalog.models import EventName
from tracking.traffic.models import SeenName
from tracking.traffic.privacy.labels import mask_label

UNREADABLE_NAME = "(none)"
OVERFLOW_NAME = "(other)"
MAX_CACHED_LENGTH = 200


class SeenNameKey(NamedTuple):
    """A call and a name, in the order in which rows are written."""

    call: str
    name_hash: bytes
    name: str


def seen_name_key(call: str, text: str) -> SeenNameKey:
    """Return the name as rows and lookups spell it."""
    return (
        _cached_key(call, text)
        if len(text) <= MAX_CACHED_LENGTH
        else SeenNameKey(call, name_hash(text), clean_name(text))
    )


@lru_cache(maxsize=20_000)
def _cached_key(call: str, text: str) -> SeenNameKey:
    return SeenNameKey(call, name_hash(text), clean_name(text))


def candidate_keys(event: Event) -> tuple[SeenNameKey, ...]:
    """Return the names that an event may be known by. What cannot be read is counted under `(none)`."""
    if unreadable_reason(event):
        return (seen_name_key("track", UNREADABLE_NAME),)
    return candidate_keys_by_name(event.call, event.event or "")


def candidate_keys_by_name(call: str, name: str) -> tuple[SeenNameKey, ...]:
    """Return the names that an event of a call and a name may be known by: the first that is defined, else the last.

    A page or screen has two: its own, and its call.
    """
    own = seen_name_key(call, name)
    if call in ("page", "screen") and name != call:
        return own, seen_name_key(call, call)
    return (own,)


def event_ids_by_key(keys: Iterable[SeenNameKey]) -> dict[SeenNameKey, int]:
    """Return the catalog's event for each of the names that has one, past names included. One query."""
    keys_by_hash = {(key.call, key.name_hash): key for key in keys}
    if not keys_by_hash:
        return {}
    calls, digests = zip(*keys_by_hash, strict=True)
    rows = EventName.objects.order_by().filter(call__in=set(calls), name_hash__in=set(digests))
    event_ids = {}
    for call, digest, event_id in rows.values_list("call", "name_hash", "event_id"):
        if key := keys_by_hash.get((call, bytes(digest))):
            event_ids[key] = event_id
    return event_ids


def match_event(event: Event, event_ids: Mapping[SeenNameKey, int]) -> tuple[SeenNameKey, int | None]:
    """Return the name that an event counts under and the catalog's event, None where nobody defined it."""
    keys = candidate_keys(event)
    for key in keys:
        if key in event_ids:
            return key, event_ids[key]
    return undefined_name_key(event), None


def undefined_name_key(event: Event) -> SeenNameKey:
    """Return the name that an event counts under where nobody defined it, without the personal data inside it."""
    key = candidate_keys(event)[-1]
    if not isinstance(event.event, str) or key.name == UNREADABLE_NAME or key.name == event.call:
        return key
    masked = mask_label(event.event)
    return key if masked == event.event else seen_name_key(key.call, masked)


def get_or_create_seen_names(keys: Iterable[SeenNameKey], *, first_seen: datetime) -> dict[SeenNameKey, int]:
    """Return the rows of names, making those that are new, in one order everywhere. At most three queries."""
    sorted_keys = sorted(set(keys))
    ids = _stored_ids(sorted_keys)
    missing = [key for key in sorted_keys if key not in ids]
    if missing:
        rows = [
            SeenName(call=key.call, name=key.name, name_hash=key.name_hash, first_seen=first_seen) for key in missing
        ]
        SeenName.objects.bulk_create(rows, ignore_conflicts=True)
        ids |= _stored_ids(missing)  # another worker may have made some of them
    return ids


def _stored_ids(keys: Iterable[SeenNameKey]) -> dict[SeenNameKey, int]:
    keys_by_hash = {(key.call, key.name_hash): key for key in keys}
    if not keys_by_hash:
        return {}
    calls, digests = zip(*keys_by_hash, strict=True)
    rows = SeenName.objects.order_by().filter(call__in=set(calls), name_hash__in=set(digests))
    ids = {}
    for row_id, call, digest in rows.values_list("id", "call", "name_hash"):
        if key := keys_by_hash.get((call, bytes(digest))):
            ids[key] = row_id
    return ids
