"""Names of arriving events: what each is looked up by, what it means in the catalog, and its row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from catalog.contract import Event, clean, name_hash
from catalog.models import EventName
from tracking.traffic.models import SeenName

NONE_NAME = "(none)"
OTHER_NAME = "(other)"
CACHED_LENGTH = 200


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A call and a name, in the order in which rows are written."""

    call: str
    digest: bytes
    text: str


def name_of(call: str, text: str) -> Name:
    """Return the name as rows and lookups spell it."""
    return _kept(call, text) if len(text) <= CACHED_LENGTH else Name(call, name_hash(text), clean(text))


@lru_cache(maxsize=20_000)
def _kept(call: str, text: str) -> Name:
    return Name(call, name_hash(text), clean(text))


def unreadable_reason(event: Event) -> str:
    """Return what an event without a usable name or call should have had, or "" where it has both."""
    if not event.call:
        return "an object with a call: track, page, screen, identify, group or alias"
    if not isinstance(event.event, str) or not event.event.strip():
        return "a name that is a text"
    return ""


def candidates(event: Event) -> tuple[Name, ...]:
    """Return the names that an event may be known by: the first that is defined, else the last.

    A page or screen has two: its own, and its call. What cannot be read is counted under `(none)`.
    """
    if unreadable_reason(event):
        return (name_of("track", NONE_NAME),)
    own = name_of(event.call, event.event or "")
    if event.call in ("page", "screen") and event.event != event.call:
        return own, name_of(event.call, event.call)
    return (own,)


def defined(names: Iterable[Name]) -> dict[Name, int]:
    """Return the catalog's event for each of the names that has one, past names included. One query."""
    wanted = {(name.call, name.digest): name for name in names}
    if not wanted:
        return {}
    calls, digests = zip(*wanted, strict=True)
    rows = EventName.objects.order_by().filter(call__in=set(calls), name_hash__in=set(digests))
    found = {}
    for call, digest, event_id in rows.values_list("call", "name_hash", "event_id"):
        if name := wanted.get((call, bytes(digest))):
            found[name] = event_id
    return found


def meant(event: Event, events: Mapping[Name, int]) -> tuple[Name, int | None]:
    """Return the name that an event counts under and the catalog's event, None where nobody defined it."""
    names = candidates(event)
    for name in names:
        if name in events:
            return name, events[name]
    return names[-1], None


def seen_name_ids(names: Iterable[Name], *, at: datetime) -> dict[Name, int]:
    """Return the rows of names, making those that are new, in one order everywhere. At most three queries."""
    wanted = sorted(set(names))
    ids = _stored(wanted)
    missing = [name for name in wanted if name not in ids]
    if missing:
        rows = [SeenName(call=name.call, name=name.text, name_hash=name.digest, first_seen=at) for name in missing]
        SeenName.objects.bulk_create(rows, ignore_conflicts=True)
        ids |= _stored(missing)  # another worker may have made some of them
    return ids


def _stored(names: Iterable[Name]) -> dict[Name, int]:
    wanted = {(name.call, name.digest): name for name in names}
    if not wanted:
        return {}
    calls, digests = zip(*wanted, strict=True)
    rows = SeenName.objects.order_by().filter(call__in=set(calls), name_hash__in=set(digests))
    found = {}
    for row_id, call, digest in rows.values_list("id", "call", "name_hash"):
        if name := wanted.get((call, bytes(digest))):
            found[name] = row_id
    return found
