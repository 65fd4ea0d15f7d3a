"""The names of all events in this process's memory, so that a search without a result reads none of them."""

import re
from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Max, Q
from rapidfuzz import fuzz, process, utils

from catalog.models import Event, EventName

MAX_TEXT_LENGTH = 100
"""More of a text than this is no typing error."""

MIN_WORD_LENGTH = 4
"""Shorter words are like too many others."""

MAX_REMEMBERED = 1_000
"""How many texts are remembered with what is most like them."""

OVERLAP = timedelta(minutes=10)
"""How far back changed events are read again: what takes long to commit bears an earlier time than its neighbours."""

Key = TypeVar("Key", bound=Hashable)

_WORDS = re.compile(r"[A-Z]?[^\W_A-Z]+|[A-Z]+")


@dataclass(frozen=True, slots=True)
class NameIndex:
    """The name of each event as names are compared, by its id, and the events of each word that names have."""

    compared: Mapping[int, str]
    events_of_word: Mapping[str, tuple[int, ...]]
    _remembered: dict[tuple[str, float, int], list[int]] = field(default_factory=dict, compare=False)

    def most_similar(self, text: str, min_similarity: float, limit: int) -> list[int]:
        """Return the ids of the events whose names are most like a text, the best first.

        What was asked before is remembered for as long as no name changes: the home page asks the same for everybody.
        """
        key = (compared_text(text), min_similarity, limit)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = most_similar(text, self.compared, min_similarity, limit)
        return found


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What was read of the names, and by what it is known whether there is more."""

    names: Mapping[int, str]
    index: NameIndex
    newest_name: int
    newest_change: datetime


def compared_text(text: str) -> str:
    """Return a name as names are compared: in small letters, without separators at its ends, its beginning alone."""
    return utils.default_process(text[:MAX_TEXT_LENGTH])


def most_similar(text: str, compared: Mapping[Key, str], min_similarity: float, limit: int) -> list[Key]:
    """Return the keys of the names that are most like a text, the best first; the names as they are compared."""
    wanted = compared_text(text)
    if not wanted:
        return []
    best = process.extract(wanted, compared, scorer=fuzz.ratio, score_cutoff=min_similarity, limit=limit)
    return [key for _name, _score, key in best]


def name_index(*, anew: bool = False) -> NameIndex:
    """Return the names as they are now: two queries, and more where an event has changed since the last call.

    An event that is gone may still be in it. Whoever meets one asks `anew`, and all names are read.
    """
    # Names are claimed under a lock, so their ids are committed in order.
    newest_name = EventName.objects.aggregate(newest=Max("pk"))["newest"]
    newest_change = Event.objects.aggregate(newest=Max("updated_at"))["newest"]
    if newest_name is None or newest_change is None:
        return NameIndex({}, {})
    known = _snapshots[-1] if _snapshots and not anew else None
    if known is None or known.newest_name > newest_name or known.newest_change > newest_change:
        _snapshots.append(_build(_names(), newest_name, newest_change))
    elif (known.newest_name, known.newest_change) != (newest_name, newest_change):
        _snapshots.append(_extend(known, newest_name, newest_change))
    return _snapshots[-1].index


_snapshots: deque[_Snapshot] = deque(maxlen=1)
"""The snapshot of this process. Another takes its place and none is changed, since other threads go on reading."""


def _names(changed: Q | None = None) -> dict[int, str]:
    rows = Event.objects.order_by("pk") if changed is None else Event.objects.filter(changed).order_by("pk")
    return dict(rows.values_list("pk", "name"))


def _build(names: dict[int, str], newest_name: int, newest_change: datetime) -> _Snapshot:
    events_of_word: dict[str, list[int]] = {}
    for pk, name in names.items():
        for word in _split_words(name):
            events_of_word.setdefault(word, []).append(pk)
    index = NameIndex(
        compared={pk: compared_text(name) for pk, name in names.items()},
        events_of_word={word: tuple(ids) for word, ids in events_of_word.items()},
    )
    return _Snapshot(names, index, newest_name, newest_change)


def _extend(known: _Snapshot, newest_name: int, newest_change: datetime) -> _Snapshot:
    """Return a snapshot with what was added or changed since."""
    since = known.newest_change - OVERLAP
    added = EventName.objects.filter(pk__gt=known.newest_name).values("event")
    found = _names(Q(updated_at__gte=since)) | _names(Q(pk__in=added))
    changed = {pk: name for pk, name in found.items() if known.names.get(pk) != name}
    if not changed:
        return _Snapshot(known.names, known.index, newest_name, newest_change)
    events_of_word = dict(known.index.events_of_word)
    for pk, name in changed.items():
        old, new = _split_words(known.names.get(pk, "")), _split_words(name)
        for word in old - new:
            events_of_word[word] = tuple(each for each in events_of_word[word] if each != pk)
        for word in new - old:
            events_of_word[word] = (*events_of_word.get(word, ()), pk)
    index = NameIndex(
        compared={**known.index.compared, **{pk: compared_text(name) for pk, name in changed.items()}},
        events_of_word={word: ids for word, ids in events_of_word.items() if ids},
    )
    return _Snapshot({**known.names, **changed}, index, newest_name, newest_change)


def _split_words(name: str) -> set[str]:
    """Return the words of a name that are long enough to be looked for, as they are compared."""
    words: Iterable[str] = _WORDS.findall(name[:MAX_TEXT_LENGTH])
    return {utils.default_process(word) for word in words if len(word) >= MIN_WORD_LENGTH}
