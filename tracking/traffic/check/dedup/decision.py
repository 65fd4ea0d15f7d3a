"""Which events of a set are repeats, and which have an id that was seen on another event: given what is stored.

It knows no database, and is tried against a simple model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tracking.traffic.check.dedup.event_hashes import HashedEvents, key_of_content


class KnownKey(NamedTuple):
    """A key as its row has it. `is_current` says whether that stands in the table that rows are added to.

    `content` is None where an id was stored before contents were, so that every event with it is a repeat.
    """

    content: int | None
    seconds: int
    is_current: bool = False


KnownKeys = Mapping[int, KnownKey]


@dataclass(slots=True)
class Decision:
    """The places of the events that came before or have a used id, and the rows that have to be written.

    `added` are rows of keys that are not in the table yet, `renewed` those whose row there is past the window.
    """

    repeats: list[int] = field(default_factory=list)
    reused: list[int] = field(default_factory=list)
    added: dict[int, KnownKey] = field(default_factory=dict)
    renewed: dict[int, KnownKey] = field(default_factory=dict)


def decide(hashed: HashedEvents, known: KnownKeys, window: int) -> Decision:
    """Return what becomes of events, in their order, given the keys that are known and the window in seconds.

    `known` must hold what is stored of their `keys` and of their `contested_keys`.
    """
    decision = Decision()
    now_known: dict[int, KnownKey] = {}
    columns = zip(hashed.keys, hashed.short_contents, hashed.seconds, strict=True)
    for place, (key, content, second) in enumerate(columns):
        row = now_known.get(key) or known.get(key)
        if row is None:
            now_known[key] = KnownKey(content, second)
            continue
        is_within = row.seconds > second - window
        if is_within and (row.content is None or row.content == content):
            decision.repeats.append(place)
            continue
        own_key = key_of_content(key, hashed.contents[place])
        own_row = now_known.get(own_key) or known.get(own_key)
        if own_row is not None and own_row.seconds > second - window:
            decision.repeats.append(place)
        elif is_within:
            decision.reused.append(place)
            now_known[own_key] = KnownKey(content, second, own_row is not None and own_row.is_current)
            if not row.is_current:
                now_known[key] = row
        else:
            now_known[key] = KnownKey(content, second, row.is_current)
    for key, row in now_known.items():
        (decision.renewed if row.is_current else decision.added)[key] = row
    return decision


def contested_keys(hashed: HashedEvents, known: KnownKeys, window: int) -> set[int]:
    """Return the keys of events whose id may be known with another content: what `decide` asks for beside their ids."""
    if not known and len(set(hashed.keys)) == len(hashed.keys):
        return set()
    oldest = max(hashed.seconds) - window
    first_contents: dict[int, int] = {}
    found = set()
    for place, (key, content) in enumerate(zip(hashed.keys, hashed.short_contents, strict=True)):
        row = known.get(key)
        if row is None:
            is_alike = first_contents.setdefault(key, content) == content
        else:
            is_alike = row.seconds > oldest and row.content in (None, content)
        if not is_alike:
            found.add(key_of_content(key, hashed.contents[place]))
    return found
