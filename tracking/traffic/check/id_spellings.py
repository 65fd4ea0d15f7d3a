"""Ids that differ only by case, blanks or look-alikes from one that came before, from the same source and environment.

A worker remembers the newest ids, so that most are told across batches too; which ones depends on what it has seen, and
nothing but a warning rests on it.

Where ids count through both cases, as those in base 62 do, another case is another id: `001D0IqhSa`, `jR`.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable

from catalog.contract.usable_ids import folded_id, plain_id
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.privacy.pseudonyms import PERSON_ID_FIELDS

MAX_REMEMBERED = 50_000
MAX_ID_LENGTH = 200
MAX_SHORT_LENGTH = 5
"""So short, two ids out of many differ by case alone because they were drawn so."""
MIN_MEAN_WORD = 2.5

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

SpellingKey = tuple[int, str, str, str]  # source, environment, field, folded id


class SpellingMemory:
    """The first spelling of each of the newest ids."""

    def __init__(self, max_remembered: int = MAX_REMEMBERED) -> None:
        self._spellings: OrderedDict[SpellingKey, str] = OrderedDict()
        self._max_remembered = max_remembered
        self._with_cases_of_their_own: set[tuple[int, str, str]] = set()  # source, environment, field

    def __len__(self) -> int:
        return len(self._spellings)

    def mark_respelled_ids(self, parsed_events: Iterable[ParsedEvent]) -> None:
        """Mark the events with an id that came in another spelling before, and remember those of the others."""
        known: set[SpellingKey] = set()  # ids of these events that are their own first spelling, as they came
        for parsed in parsed_events:
            event, batch = parsed.event, parsed.batch
            if event is None:
                continue
            for name in PERSON_ID_FIELDS:
                text = getattr(event, name)
                if not isinstance(text, str) or len(text) > MAX_ID_LENGTH:
                    continue
                key = (batch.source_id, batch.environment, name, text)
                if key in known:
                    continue
                first, is_respelled = self._first_spelling(key[:3], text)
                if is_respelled:
                    parsed.respelled_ids = (*parsed.respelled_ids, name)
                elif first == text:
                    known.add(key)

    def _first_spelling(self, place: tuple[int, str, str], text: str) -> tuple[str, bool]:
        """Return the first spelling of an id, and whether the id is another spelling of it."""
        if _takes_turns(text) and text.isascii():
            self._with_cases_of_their_own.add(place)
        key = (*place, folded_id(text))
        first = self._spellings.setdefault(key, text)
        self._spellings.move_to_end(key)
        if len(self._spellings) > self._max_remembered:
            self._spellings.popitem(last=False)
        is_respelled = first != text and may_be_one_id(
            first, text, short_by_case=place in self._with_cases_of_their_own
        )
        return first, is_respelled


def may_be_one_id(one: str, other: str, *, short_by_case: bool) -> bool:
    """Tell whether two texts are likely one id: they differ by blanks and look-alikes, or by a case that says nothing.

    `short_by_case`: in ids of at most `MAX_SHORT_LENGTH` characters any case says something.
    """
    if plain_id(one) == plain_id(other):
        return True
    folded = folded_id(one)
    if folded != folded_id(other) or (short_by_case and len(folded) <= MAX_SHORT_LENGTH):
        return False
    return not (_has_case_of_its_own(one) and _has_case_of_its_own(other))


def _has_case_of_its_own(text: str) -> bool:
    """Tell whether the case of an id may say something: 001D0IqhSA is not 001D0IqhSa, and jR is not Jr.

    It is written in letters of both cases that take turns, or between digits. Such are Salesforce's ids and whatever
    else is base 62, which count through both cases.
    """
    has_both_cases = any(map(str.islower, text)) and any(map(str.isupper, text))
    if not text.isascii() or not has_both_cases or any(map(str.isspace, text)):
        return False
    return any(map(str.isdigit, text)) or _takes_turns(text)


def _takes_turns(text: str) -> bool:
    """Tell whether capitals and small letters change places more often than in words of people, as in JohnDoe."""
    words = _WORD.findall(text)
    return "@" not in text and len(words) > 1 and sum(map(len, words)) < MIN_MEAN_WORD * len(words)


spelling_memory = SpellingMemory()
"""What this process has seen."""
