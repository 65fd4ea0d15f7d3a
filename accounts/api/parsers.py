"""JSON bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import IO, Any

from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser

MAX_DEPTH = 254
"""How many levels a body may nest: as many as an event (`catalog.contract`), and far fewer than Python can follow."""


class BoundedJSONParser(JSONParser):
    """JSON as RFC 8259 has it, in UTF-8 whatever the header says, of bounded depth.

    Its size is bounded by Django before any parser sees it. What a program could not write again as JSON, or the
    database not keep, is refused here: no number without an end, and no half of a surrogate pair.
    """

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value. Raises ParseError where the body is no JSON, and ValidationError at the text that is none.

        Both are 400.
        """
        try:
            body = stream.read().decode("utf-8-sig")
            value = json.loads(
                body, parse_constant=_refuse_constant, parse_float=_finite_number, parse_int=_bounded_integer
            )
        except RecursionError as error:
            raise ParseError(_TOO_DEEP) from error
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
        except ValueError as error:
            raise ParseError(f"The body is no JSON: {error}") from error
        for path, text in _texts(value):
            if not _is_unicode(text):
                raise ValidationError(_at(path, ErrorDetail(_HALF_CHARACTER, code="surrogate")))
        return value


MAX_INTEGER_DIGITS = 1_000
_TOO_DEEP = f"The JSON nests deeper than {MAX_DEPTH} levels."
_HALF_CHARACTER = "This text holds half of a surrogate pair, which is no character. Send the pair, or leave it out."


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of it.")


def _finite_number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text[:40]} is larger than any number here.")
    return number


def _bounded_integer(text: str) -> int:
    if len(text) > MAX_INTEGER_DIGITS:
        raise ValueError(f"a number of {len(text)} digits is longer than any number here.")
    return int(text)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _at(path: tuple[str | int, ...], error: ErrorDetail) -> Any:
    """Return the detail of an error as REST framework nests it: by member, down to where the error is."""
    detail: Any = [error]
    for step in reversed(path):
        detail = {str(step): detail}
    return detail


def _texts(value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text and key, with its place. Raises ParseError below `MAX_DEPTH`."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, inner = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise ParseError(_TOO_DEEP)
        if isinstance(inner, str):
            yield path, inner
        elif isinstance(inner, list):
            waiting += [((*path, index), each) for index, each in enumerate(inner)]
        elif isinstance(inner, dict):
            for key, each in inner.items():
                yield path, key
                waiting.append(((*path, key), each))
