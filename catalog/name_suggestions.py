"""Suggestions of similar names, for a search without results or an undefined event."""

import re
from collections.abc import Collection, Hashable, Iterable
from typing import TypeVar

from django.db.models import F
from rapidfuzz import fuzz, process, utils

from catalog.choices import Status
from catalog.contract import fold_name
from catalog.models import Event, EventName

MIN_SIMILARITY = 72.0
"""How alike, of 100, a name must be to be suggested."""

MIN_WORD_SIMILARITY = 85.0
"""How alike a single word of a name must be; one word says less than a whole name."""

MIN_WORD_LENGTH = 4
"""Shorter words are like too many others."""

MAX_TEXT_LENGTH = 100
"""More of a text than this is no typing error."""

Key = TypeVar("Key", bound=Hashable)

_WORDS = re.compile(r"[A-Z]?[^\W_A-Z]+|[A-Z]+")


def suggest_events(text: str, *, limit: int = 3) -> list[Event]:
    """Return the events whose names are most like a text, the best first; none where nothing comes near.

    A name is like the text where people read both as the same, else as a whole, else by one of its words. Case and
    separators are ignored.
    """
    names = _event_names()
    found = [pk for pk in _ids_by_folding([text]).get(fold_name(text), ()) if pk in names]
    found += _most_similar(text, names, MIN_SIMILARITY, limit)
    if len(found) < limit:
        words = {(pk, word): word for pk, name in names.items() for word in _split_words(name)}
        found += [pk for pk, _word in _most_similar(text, words, MIN_WORD_SIMILARITY, limit * 3)]
    event_ids = list(dict.fromkeys(found))[:limit]
    events = Event.objects.in_bulk(event_ids)
    return [events[pk] for pk in event_ids]


def closest_events(texts: Iterable[str]) -> dict[str, Event]:
    """Return the event whose whole name is most like each text, where one comes near (three queries for all).

    One that people read as the text, by a present or former name, comes before all others.
    """
    wanted = list(texts)
    if not wanted:
        return {}
    names = _event_names()
    folded = _ids_by_folding(wanted)
    best = {
        text: found[0]
        for text in wanted
        if (found := folded.get(fold_name(text)) or _most_similar(text, names, MIN_SIMILARITY, 1))
    }
    events = Event.objects.in_bulk(set(best.values()))
    return {text: events[pk] for text, pk in best.items()}


def _event_names() -> dict[int, str]:
    return dict(Event.objects.order_by("pk").values_list("pk", "name"))


def _ids_by_folding(texts: Iterable[str]) -> dict[str, list[int]]:
    """Return the events with a name that people read as one of these texts, by the folded text; present names first."""
    rows = EventName.objects.filter(folded_name__in={fold_name(text) for text in texts})
    found: dict[str, list[int]] = {}
    for folded, event_id in rows.order_by(F("until").desc(nulls_first=True), "pk").values_list("folded_name", "event"):
        found.setdefault(folded, []).append(event_id)
    return found


def _split_words(name: str) -> set[str]:
    return {word for word in _WORDS.findall(name[:MAX_TEXT_LENGTH]) if len(word) >= MIN_WORD_LENGTH}


def _most_similar(text: str, choices: dict[Key, str], min_similarity: float, limit: int) -> list[Key]:
    """Return the keys of the choices that are most like a text, the best first."""
    wanted = utils.default_process(text[:MAX_TEXT_LENGTH])
    if not wanted:
        return []
    best = process.extract(
        wanted, choices, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=min_similarity, limit=limit
    )
    return [key for _name, _score, key in best]


def similar_live_events(texts: Collection[str], *, limit: int = 3) -> dict[str, list[Event]]:
    """Return for each text the live events whose names say nearly the same, in any order of their words; two queries.

    An event of exactly that name counts too.
    """
    wanted = {text: utils.default_process(text[:MAX_TEXT_LENGTH]) for text in texts}
    names = dict(Event.objects.filter(status=Status.LIVE).order_by("pk").values_list("pk", "name"))
    processed = {pk: utils.default_process(name[:MAX_TEXT_LENGTH]) for pk, name in names.items()}
    best = {
        text: [
            pk
            for _name, _score, pk in process.extract(
                normalized, processed, scorer=fuzz.token_sort_ratio, score_cutoff=MIN_SIMILARITY, limit=limit
            )
        ]
        for text, normalized in wanted.items()
        if normalized
    }
    events = Event.objects.in_bulk({pk for found in best.values() for pk in found})
    return {text: [events[pk] for pk in found] for text, found in best.items()}
