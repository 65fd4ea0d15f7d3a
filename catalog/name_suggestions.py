"""Suggestions of similar names, for a search without results or an undefined event."""

from collections.abc import Collection, Iterable

from django.db.models import F
from rapidfuzz import fuzz, process

from catalog.choices import Status
from catalog.contract import fold_name
from catalog.models import Event, EventName
from catalog.name_index import NameIndex, compared_text, most_similar, name_index

MIN_SIMILARITY = 72.0
"""How alike, of 100, a name must be to be suggested."""

MIN_WORD_SIMILARITY = 85.0
"""How alike a single word of a name must be; one word says less than a whole name."""


def suggest_events(text: str, *, limit: int = 3) -> list[Event]:
    """Return the events whose names are most like a text, the best first; none where nothing comes near.

    A name is like the text where people read both as the same, else as a whole, else by one of its words. Case and
    separators are ignored.
    """
    event_ids = _similar_ids(text, limit, name_index())
    events = Event.objects.in_bulk(event_ids)
    if len(events) < len(event_ids):  # one has gone, and may have stood in the place of another
        event_ids = _similar_ids(text, limit, name_index(anew=True))
        events = Event.objects.in_bulk(event_ids)
    return [events[pk] for pk in event_ids if pk in events]


def closest_events(texts: Iterable[str]) -> dict[str, Event]:
    """Return the event whose whole name is most like each text, where one comes near.

    One that people read as the text, by a present or former name, comes before all others. However many texts there
    are, the database is asked no oftener.
    """
    wanted = list(texts)
    if not wanted:
        return {}
    best = _closest_ids(wanted, name_index())
    events = Event.objects.in_bulk(set(best.values()))
    if len(events) < len(set(best.values())):
        best = _closest_ids(wanted, name_index(anew=True))
        events = Event.objects.in_bulk(set(best.values()))
    return {text: events[pk] for text, pk in best.items() if pk in events}


def _similar_ids(text: str, limit: int, index: NameIndex) -> list[int]:
    """Return the ids of at most `limit` events, the most similar first."""
    found = list(_ids_by_folding([text]).get(fold_name(text), ()))
    found += index.most_similar(text, MIN_SIMILARITY, limit)
    if len(set(found)) < limit:
        words = {word: word for word in index.events_of_word}
        for word in most_similar(text, words, MIN_WORD_SIMILARITY, limit * 3):
            found += index.events_of_word[word][:limit]
    return list(dict.fromkeys(found))[:limit]


def _closest_ids(texts: list[str], index: NameIndex) -> dict[str, int]:
    folded = _ids_by_folding(texts)
    return {
        text: found[0]
        for text in texts
        if (found := folded.get(fold_name(text)) or index.most_similar(text, MIN_SIMILARITY, 1))
    }


def _ids_by_folding(texts: Iterable[str]) -> dict[str, list[int]]:
    """Return the events with a name that people read as one of these texts, by the folded text; present names first."""
    rows = EventName.objects.filter(folded_name__in={fold_name(text) for text in texts})
    found: dict[str, list[int]] = {}
    for folded, event_id in rows.order_by(F("until").desc(nulls_first=True), "pk").values_list("folded_name", "event"):
        found.setdefault(folded, []).append(event_id)
    return found


def similar_live_events(texts: Collection[str], *, limit: int = 3) -> dict[str, list[Event]]:
    """Return for each text the live events whose names say nearly the same, in any order of their words; two queries.

    An event of exactly that name counts too.
    """
    wanted = {text: compared_text(text) for text in texts}
    names = dict(Event.objects.filter(status=Status.LIVE).order_by("pk").values_list("pk", "name"))
    processed = {pk: compared_text(name) for pk, name in names.items()}
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
