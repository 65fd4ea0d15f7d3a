"""A cache for functions of texts that strangers send, which may be of any length: only short ones are remembered."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Result = TypeVar("Result")

MAX_CACHED_LENGTH = 200
"""How long a text that is remembered may be, in characters: 20,000 of them take a few megabytes, and not gigabytes."""


def cached_for_short_texts(*, maxsize: int = 20_000) -> Callable[[Callable[[str], Result]], Callable[[str], Result]]:
    """Return a decorator as `functools.lru_cache`, for a function of one text: of long texts nothing is remembered."""

    def decorate(function: Callable[[str], Result]) -> Callable[[str], Result]:
        cached = lru_cache(maxsize=maxsize)(function)

        @wraps(function)
        def call(text: str) -> Result:
            return cached(text) if len(text) <= MAX_CACHED_LENGTH else function(text)

        return call

    return decorate
