"""Faults: what a body held that JSON does not allow, and where."""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct


class Fault(Struct, frozen=True, order=True):
    """Something that no strict parser accepts.

    `pointer` is a JSON pointer, `reason` a short text for people, such as "NaN is not JSON".
    """

    pointer: str
    reason: str


def below(faults: Sequence[Fault], pointer: str) -> tuple[Fault, ...]:
    """Return the faults at or below a pointer, with pointers that start from there.

    `faults` must be sorted, as `Reading.faults` is; the search is logarithmic, so that asking it for
    every event of a batch stays cheap.
    """
    if not faults:
        return ()
    found = [*_between(faults, pointer, pointer + "\0"), *_between(faults, pointer + "/", pointer + "0")]
    return tuple(Fault(fault.pointer[len(pointer) :], fault.reason) for fault in found)


def _between(faults: Sequence[Fault], first: str, last: str) -> Sequence[Fault]:
    start = bisect_left(faults, first, key=_pointer)
    return faults[start : bisect_left(faults, last, lo=start, key=_pointer)]


def _pointer(fault: Fault) -> str:
    return fault.pointer
