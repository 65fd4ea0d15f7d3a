"""What the web server hands to an application: the parts of RSGI 1 that are used here."""

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from front.http_messages import HeaderLookup


class RsgiHeaders(HeaderLookup, Protocol):
    """The headers of a request, by names in lower case. Of a value that is not plain ASCII only the name is known."""

    def __contains__(self, name: str) -> bool: ...

    def items(self) -> list[tuple[str, str]]: ...


class RsgiScope(Protocol):
    """A request without its body. `client` and `server` are `address:port`."""

    proto: str
    http_version: str
    client: str
    server: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> RsgiHeaders: ...


class RsgiProtocol(Protocol):
    """How a body is read and a response sent. A body ends in silence where the client goes away."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def __call__(self) -> Awaitable[bytes]: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None: ...
