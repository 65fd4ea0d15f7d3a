"""Ids that differ only by case or blanks from one that came before, from the same source and environment.

A worker remembers the newest ids, so that most are told across batches too; which ones depends on what it has seen, and
nothing but a warning rests on it.
"""

from collections import OrderedDict
from collections.abc import Iterable

from catalog.contract.usable_ids import folded_id
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.privacy.pseudonyms import PERSON_ID_FIELDS

MAX_REMEMBERED = 50_000
MAX_ID_LENGTH = 200

SpellingKey = tuple[int, str, str, str]  # source, environment, field, folded id


class SpellingMemory:
    """The first spelling of each of the newest ids."""

    def __init__(self, max_remembered: int = MAX_REMEMBERED) -> None:
        self._spellings: OrderedDict[SpellingKey, str] = OrderedDict()
        self._max_remembered = max_remembered

    def __len__(self) -> int:
        return len(self._spellings)

    def mark_respelled_ids(self, parsed_events: Iterable[ParsedEvent]) -> None:
        """Mark the events with an id that came in another spelling before, and remember those of the others."""
        for parsed in parsed_events:
            if parsed.event is None:
                continue
            for name in PERSON_ID_FIELDS:
                text = getattr(parsed.event, name)
                if isinstance(text, str) and len(text) <= MAX_ID_LENGTH and self._is_respelled(parsed, name, text):
                    parsed.respelled_ids = (*parsed.respelled_ids, name)

    def _is_respelled(self, parsed: ParsedEvent, name: str, text: str) -> bool:
        key = (parsed.batch.source_id, parsed.batch.environment, name, folded_id(text))
        first = self._spellings.setdefault(key, text)
        self._spellings.move_to_end(key)
        if len(self._spellings) > self._max_remembered:
            self._spellings.popitem(last=False)
        return first != text and not (_has_case_of_its_own(first) and _has_case_of_its_own(text))


def _has_case_of_its_own(text: str) -> bool:
    """Tell whether an id is written in digits and letters of both cases, where 001D0IqhSA is not 001D0IqhSa.

    Such are Salesforce's ids and whatever else is base 62, which count through both cases.
    """
    return (
        text.isascii()
        and any(map(str.isdigit, text))
        and any(map(str.islower, text))
        and any(map(str.isupper, text))
        and not any(map(str.isspace, text))
    )


spelling_memory = SpellingMemory()
"""What this process has seen."""
