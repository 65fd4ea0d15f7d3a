"""Which texts were looked into for personal data before, so that one that comes again costs a look-up."""

import math
from array import array
from collections.abc import Iterable
from enum import Enum

from catalog.contract.pii_detection import PersonalData, kind_of_value
from catalog.contract.sensitive_keys import MAX_INSPECTED_CHARACTERS

CLEAN_BITS, FOUND_BITS = 18, 14
"""The memory has places for 2^18 texts that hold nothing and 2^14 that hold something: 2.2 MiB."""

BASE_COST = 50
"""What looking into a text costs besides its characters, in characters."""

_KINDS = tuple(PersonalData)
_MIN_NUMBER, _MAX_NUMBER = 10**13, 10**16  # between them `is_sensitive_number` looks for cards


class Known(Enum):
    """What is known of texts before any is looked into."""

    CLEAN = "all of them hold nothing"
    PARTLY = "some were not looked into, and none of the others holds anything"
    FOUND = "one holds something"


class TextMemory:
    """What was found in the texts that were looked into, in a fixed number of bytes.

    It holds no text but 8 bytes of its hash: Python's own of texts, SipHash with a key that each process draws. What a
    text holds depends on the text alone, so no entry can be wrong by a definition, an exemption or a source: whether
    the place of a value is declared is asked each time. A text that was forgotten is looked into again. Not for two
    threads.
    """

    __slots__ = ("_clean", "_clean_bits", "_clean_mask", "_found", "_found_mask", "_kinds")

    def __init__(self, clean_bits: int = CLEAN_BITS, found_bits: int = FOUND_BITS) -> None:
        self._clean_bits = clean_bits
        self._clean_mask, self._found_mask = 2**clean_bits - 1, 2**found_bits - 1
        self._clean = array("q", bytes(8 * 2**clean_bits))
        self._found = array("q", bytes(8 * 2**found_bits))
        self._kinds = bytearray(2**found_bits)

    @property
    def size(self) -> int:
        """How many bytes it takes, whatever it was shown."""
        return sum(len(table) * table.itemsize for table in (self._clean, self._found)) + len(self._kinds)

    def review(self, values: Iterable[object]) -> Known:
        """Return what is known of all texts in JSON values, however deep, and of numbers that may be cards.

        This is on the way of every event: one pass without paths, and without a call for what is known to be clean.
        """
        clean, mask = self._clean, self._clean_mask
        known = Known.CLEAN
        pending = [values]
        while pending:
            for value in pending.pop():
                kind = type(value)
                if kind is str:
                    hashed = hash(value)
                    if clean[hashed & mask] == hashed or self.is_clean(hashed):
                        continue
                elif kind is dict:
                    pending.append(value.values())  # type: ignore[attr-defined]
                    continue
                elif kind is list:
                    pending.append(value)  # type: ignore[arg-type]
                    continue
                elif (number := _hash_of(value)) is None or self.is_clean(number):
                    continue
                else:
                    hashed = number
                if self.kind_found(hashed) is not None:
                    return Known.FOUND
                known = Known.PARTLY
        return known

    def is_clean(self, hashed: int) -> bool:
        """Tell whether the text of a hash is known to hold nothing, as the empty one is, whose hash is 0."""
        return not hashed or hashed in (self._clean[hashed & self._clean_mask], self._clean[self._other_place(hashed)])

    def kind_found(self, hashed: int) -> PersonalData | None:
        """Return what the text of a hash is known to hold; None where it is not known to hold anything."""
        place = hashed & self._found_mask
        return _KINDS[self._kinds[place]] if self._found[place] == hashed else None

    def remember(self, hashed: int, kind: PersonalData | None) -> None:
        """Remember what the text of a hash holds. What stood in its place moves to its other one, or is forgotten."""
        if kind is not None:
            place = hashed & self._found_mask
            self._found[place], self._kinds[place] = hashed, _KINDS.index(kind)
            return
        place = hashed & self._clean_mask
        moved, self._clean[place] = self._clean[place], hashed
        if moved not in (0, hashed):
            self._clean[self._other_place(moved)] = moved

    def _other_place(self, hashed: int) -> int:
        return hashed >> self._clean_bits & self._clean_mask


class TextInspection:
    """Looks into texts while it may: `remaining` is how many characters more.

    A text that is known costs nothing. One that is not looked into is not remembered either, and counts as holding
    nothing; `is_complete` says that there was none.
    """

    __slots__ = ("is_complete", "memory", "remaining")

    def __init__(self, memory: TextMemory, remaining: float = math.inf) -> None:
        self.memory = memory
        self.remaining = remaining
        self.is_complete = True

    def kind_of(self, value: object) -> PersonalData | None:
        """Return what a value of JSON holds: see `kind_of_value`."""
        hashed = _hash_of(value)
        if hashed is None or self.memory.is_clean(hashed):
            return None
        kind = self.memory.kind_found(hashed)
        if kind is None and self._may_look_into(value):
            kind = kind_of_value(value)
            self.memory.remember(hashed, kind)
        return kind

    def kind_of_unique(self, value: object) -> PersonalData | None:
        """Return what a value holds that hardly comes again, such as the id of an event: it is not remembered."""
        return kind_of_value(value) if _hash_of(value) is not None and self._may_look_into(value) else None

    def _may_look_into(self, value: object) -> bool:
        if self.remaining <= 0:
            self.is_complete = False
            return False
        if isinstance(value, str):
            # All of a text that is not ASCII is normalised, before the rest is cut off.
            self.remaining -= min(len(value), MAX_INSPECTED_CHARACTERS) if value.isascii() else len(value)
        self.remaining -= BASE_COST
        return True


def hash_of_number(value: object) -> int:
    """Return the hash by which a number is remembered, which unlike Python's is not the number itself."""
    return hash(f"\0{value}")


def _hash_of(value: object) -> int | None:
    """Return the hash by which a value is remembered; None where such a value never holds anything."""
    if isinstance(value, str):
        return hash(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and _MIN_NUMBER <= value < _MAX_NUMBER:
        return hash_of_number(value)
    return None
