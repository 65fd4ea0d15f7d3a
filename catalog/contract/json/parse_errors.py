"""Parse errors: what a body held that JSON does not allow, and where."""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct


class ParseError(Struct, frozen=True, order=True):
    """Something that no strict parser accepts.

    `pointer` is a JSON pointer, `reason` a short text for people, such as "NaN is not JSON".
    """

    pointer: str
    reason: str


def parse_errors_below(errors: Sequence[ParseError], pointer: str) -> tuple[ParseError, ...]:
    """Return the parse errors at or below a pointer, with pointers relative to it.

    `errors` must be sorted, as `ParsedJson.parse_errors` is; the search is logarithmic, so that asking it for
    every event of a batch stays cheap.
    """
    if not errors:
        return ()
    selected = [
        *_errors_between(errors, pointer, pointer + "\0"),
        *_errors_between(errors, pointer + "/", pointer + "0"),
    ]
    return tuple(ParseError(error.pointer[len(pointer) :], error.reason) for error in selected)


def _errors_between(errors: Sequence[ParseError], first: str, last: str) -> Sequence[ParseError]:
    start = bisect_left(errors, first, key=_pointer)
    return errors[start : bisect_left(errors, last, lo=start, key=_pointer)]


def _pointer(error: ParseError) -> str:
    return error.pointer
