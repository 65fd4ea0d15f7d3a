"""What somebody may have meant who searched and found nothing."""

from rapidfuzz import fuzz, process, utils

from catalog.models import Event

ALIKE = 72.0
"""How alike, of 100, a name must be to be suggested."""

LONGEST = 100
"""More of a text than this is no typing error."""


def suggest(text: str, *, limit: int = 3) -> list[Event]:
    """Return the events whose names are most like a text, the best first; none where nothing comes near.

    Capitals and what stands between words do not count.
    """
    wanted = utils.default_process(text[:LONGEST])
    if not wanted:
        return []
    names = dict(Event.objects.order_by("pk").values_list("pk", "name"))
    best = process.extract(
        wanted, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=ALIKE, limit=limit
    )
    events = Event.objects.in_bulk([pk for _name, _score, pk in best])
    return [events[pk] for _name, _score, pk in best]
