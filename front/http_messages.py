"""A request as the front reads it, and a response as it sends it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

NOSNIFF = ("x-content-type-options", "nosniff")
NO_STORE = ("cache-control", "no-store")


class HeaderLookup(Protocol):
    """The headers of a request, by their names in lower case."""

    def get(self, key: str, default: str, /) -> str: ...


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What comes before a request's body. `path` is decoded, `query` is as it came."""

    method: str
    path: str
    query: str
    headers: HeaderLookup

    @property
    def content_length(self) -> int | None:
        """The length that the headers promise; None where they promise none, as with chunks."""
        text = self.headers.get("content-length", "")
        # Zeros in front are allowed, thousands of them too, which Python reads as no number.
        return int(text.lstrip("0") or "0") if text.isascii() and text.isdigit() else None

    @property
    def is_chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()


@dataclass(frozen=True, slots=True)
class FrontResponse:
    """A response: its body, or the path of the file that is its body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    file: str = ""


def json_response(status: int, value: Mapping[str, Any], *headers: tuple[str, str]) -> FrontResponse:
    """Return a response of JSON that nobody stores or takes for something else."""
    body = json.dumps(value).encode()
    return FrontResponse(status, (("content-type", "application/json"), NOSNIFF, NO_STORE, *headers), body)
