"""A long JSON list, read piece by piece: its items are never in memory together."""

import json
import re
from collections.abc import Iterator

from catalog.contract import UnparsableBody

_NEXT_ITEM = re.compile(r"[ \t\n\r]*+([,\]])[ \t\n\r]*+")
_FIRST_ITEM = re.compile(r"\[[ \t\n\r]*+")
_decode_at = json.JSONDecoder().raw_decode


def pieces_of(raw_list: bytes, count: int) -> Iterator[list[bytes]]:
    """Yield the items of a list as raw JSON, at most so many at a time.

    Raises UnparsableBody where the list cannot be read to its end, whatever came before, and RecursionError where an
    item nests deeper than Python reads.
    """
    text = raw_list.decode("utf-8", "surrogateescape")
    begin = _FIRST_ITEM.match(text)
    if begin is None:
        raise UnparsableBody("The batch is no list.")
    position = begin.end()
    piece: list[bytes] = []
    while True:
        try:
            _, end = _decode_at(text, position)
        except ValueError as error:
            raise UnparsableBody("The batch holds something that is not JSON.") from error
        piece.append(text[position:end].encode("utf-8", "surrogateescape"))
        following = _NEXT_ITEM.match(text, end)
        if following is None:
            raise UnparsableBody("The batch ends too early.")
        position = following.end()
        if following[1] == "]" or len(piece) == count:
            yield piece
            piece = []
        if following[1] == "]":
            return
