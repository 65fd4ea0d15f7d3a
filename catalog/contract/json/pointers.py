"""JSON pointers (RFC 6901) that stay short and storable whatever the keys are."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from catalog.contract.json.text import escape_text

MAX_TOKEN_LENGTH = 200
"""How many characters of one key a pointer keeps."""

MAX_POINTER_LENGTH = 600
"""How many characters a pointer keeps: at four bytes each it still fits an index of the database."""

ANY_INDEX = "*"
"""Stands for any array index in a definition path."""

UNKNOWN_KEY = "?"
"""Stands for any key that the definition does not name in a definition path."""


def escape_token(token: str | int) -> str:
    """Return one step of a pointer: `~` and `/` escaped, storable, cut at 200 characters."""
    if isinstance(token, int):
        return str(token)
    if len(token) > MAX_TOKEN_LENGTH:
        token = token[:MAX_TOKEN_LENGTH] + "…"
    return escape_key(escape_text(token))


def escape_key(key: str) -> str:
    """Return a key as a step of a pointer, whole: for references, which must lead to where the key stands."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape_key(token: str) -> str:
    """Return the key that a step of a pointer names."""
    return token.replace("~1", "/").replace("~0", "~")


def format_pointer(tokens: Iterable[str | int], *, prefix: str = "") -> str:
    """Return the pointer that leads along these keys and indices, starting below another pointer.

    Past 600 characters it is cut and ends in an ellipsis.
    """
    text = prefix + "".join(f"/{escape_token(token)}" for token in tokens)
    return text if len(text) <= MAX_POINTER_LENGTH else text[: MAX_POINTER_LENGTH - 1] + "…"


def pointer_sort_key(text: str) -> tuple[str, ...]:
    """Return a key that sorts pointers step by step, with indices as numbers."""
    return tuple(token.rjust(12, "\0") if token.isdecimal() else token for token in text.split("/"))


def parse_pointer(text: str) -> list[str]:
    """Return the keys of a pointer, unescaped; indices come back as text."""
    tokens = text.split("/")[1:]
    return [unescape_key(token) for token in tokens] if "~" in text else tokens


ABSENT = object()
"""What `value_at` answers where nothing is."""

_LIST_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def value_at(value: Any, tokens: Sequence[str | int]) -> Any:
    """Return what stands at the end of these keys and indices, or ABSENT. Never raises.

    In a list, an index is a number or the text of one, as `parse_pointer` returns it.
    """
    for token in tokens:
        if isinstance(value, dict):
            value = value.get(token, ABSENT)
        elif isinstance(value, list) and 0 <= (index := _list_index(token)) < len(value):
            value = value[index]
        else:
            return ABSENT
    return value


def values_at(value: Any, tokens: Sequence[str]) -> Iterator[Any]:
    """Yield every value at the end of a definition path: `*` leads to each item, `?` to each member.

    An object that has a key spelled like one of the two is entered by that key.
    """
    for position, token in enumerate(tokens):
        inner: Iterable[Any] = ()
        if isinstance(value, dict):
            if token in value:
                value = value[token]
                continue
            inner = value.values() if token == UNKNOWN_KEY else ()
        elif isinstance(value, list):
            if 0 <= (index := _list_index(token)) < len(value):
                value = value[index]
                continue
            inner = value if token == ANY_INDEX else ()
        for each in inner:
            yield from values_at(each, tokens[position + 1 :])
        return
    yield value


def places_at(value: Any, tokens: Sequence[str], *, limit: int) -> list[tuple[tuple[str | int, ...], Any]]:
    """Return at most `limit` places at the end of a definition path, each with its steps and its value."""
    places: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    for position, token in enumerate(tokens):
        entered: list[tuple[tuple[str | int, ...], Any]] = []
        for steps, each in places:
            if isinstance(each, dict):
                names = [token] if token in each else list(each) if token == UNKNOWN_KEY else []
                entered += [((*steps, name), each[name]) for name in names]
            elif isinstance(each, list) and token == ANY_INDEX:
                entered += [((*steps, index), item) for index, item in enumerate(each)]
        places = entered if position + 1 < len(tokens) else entered[:limit]
    return places


def with_list_indices(value: Any, tokens: Sequence[str]) -> list[str | int]:
    """Return the tokens of a pointer with indices as numbers where the value at hand is a list."""
    result: list[str | int] = []
    for token in tokens:
        index = _list_index(token) if isinstance(value, list) else -1
        result.append(token if index < 0 else index)
        value = value_at(value, result[-1:])
    return result


def _list_index(token: str | int) -> int:
    """Return the index that a token spells, as RFC 6901 writes it: without leading zeros; -1 for another text."""
    if isinstance(token, int):
        return token
    return int(token) if _LIST_INDEX.fullmatch(token) else -1


def path_label(path: str) -> str:
    """Return a path into an event as people read it: `/properties/products/*/price` is `products[].price`.

    An index stands in brackets (`products[0].price`), a key that the definition does not name is `(any key)`, an empty
    one `""`, and what is in no part but the properties begins with the part (`context.app.version`).
    """
    steps = parse_pointer(path)
    if len(steps) > 1 and steps[0] == "properties":
        steps = steps[1:]
    label = ""
    for step in steps:
        if step == ANY_INDEX:
            label += "[]"
        elif label and _list_index(step) >= 0:
            label += f"[{step}]"
        else:
            name = "(any key)" if step == UNKNOWN_KEY else step or '""'
            label += f".{name}" if label else name
    return label or "The event"
