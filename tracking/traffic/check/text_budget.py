"""How much a check looks into the texts of its events for personal data, so that ever-new texts cannot slow it down.

What a text holds is remembered by each worker (`TextMemory`), and depends on the text alone: two workers, a restart
and a check that is done again come to the same answer. A restart only forgets, so that the next check looks again.
"""

from collections import Counter
from collections.abc import Iterable

from catalog.contract.text_memory import TextInspection, TextMemory
from tracking.traffic.check.seen_names import SeenNameKey

PER_NAME = 500
PER_EVENT = 150
"""Characters of new texts that may be looked into in one check, by source, environment and name: the event's own id and
one or two short texts of each event. Samples are looked into beyond that."""

text_memory = TextMemory()
"""What this process has looked into."""


def inspections_by_name(names: Iterable[SeenNameKey]) -> dict[SeenNameKey, TextInspection]:
    """Return what may be looked into of each name, given the name of each event.

    A name that sends very many texts uses up its own share and that of no other name.
    """
    return {name: TextInspection(text_memory, PER_NAME + PER_EVENT * count) for name, count in Counter(names).items()}


def unlimited_inspection() -> TextInspection:
    """Return what looks into everything, which samples are worth: they are few, and people read them."""
    return TextInspection(text_memory)
