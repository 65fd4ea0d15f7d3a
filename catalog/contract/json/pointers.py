"""JSON pointers (RFC 6901) that stay short and storable whatever the keys are."""

from collections.abc import Iterable, Sequence
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
    return escape_text(token).replace("~", "~0").replace("/", "~1")


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
    return [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]


ABSENT = object()
"""What `value_at` answers where nothing is."""


def value_at(value: Any, tokens: Sequence[str | int]) -> Any:
    """Return what stands at the end of these keys and indices, or ABSENT."""
    for token in tokens:
        try:
            value = value[token] if isinstance(value, dict | list) else ABSENT  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def with_list_indices(value: Any, tokens: Sequence[str]) -> list[str | int]:
    """Return the tokens of a pointer with indices as numbers where the value at hand is a list."""
    result: list[str | int] = []
    for token in tokens:
        if isinstance(value, list) and token.isdecimal() and token.isascii():
            result.append(int(token[:12]))
        else:
            result.append(token)
        value = value_at(value, result[-1:])
    return result


def path_label(path: str) -> str:
    """Return a pointer as people say it: `/properties/products/*/price` is `products[].price`."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    if len(steps) > 1 and steps[0] in ("properties", "traits", "context"):
        steps = steps[1:] if steps[0] == "properties" else steps
    label = ""
    for step in steps:
        label += "[]" if step == "*" else f".{step}" if label else step
    return label or "The event"
