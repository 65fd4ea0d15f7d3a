"""The RSGI application: finds who answers a request, and never leaves one without an answer."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from front.body_budget import BodyBudget
from front.body_reader import BodyLimits, BodyReader
from front.http_messages import FrontResponse, RequestHead
from front.listening_socket import limit_unsent_data
from front.rsgi_protocol import RsgiProtocol, RsgiScope

logger = logging.getLogger(__name__)

CONNECTION_CLOSE = ("connection", "close")


@dataclass(frozen=True, slots=True)
class FrontRequest:
    """A request as an endpoint gets it: its head, and its body on demand."""

    head: RequestHead
    scope: RsgiScope
    body: BodyReader

    @property
    def has_body(self) -> bool:
        return bool(self.head.content_length) or self.head.is_chunked


class Endpoint(Protocol):
    """Answers the requests of some paths, on the event loop: what blocks, it hands to threads."""

    limits: BodyLimits
    budget: BodyBudget

    def answers(self, path: str) -> bool: ...

    async def answer(self, request: FrontRequest) -> FrontResponse:
        """Return the response. Whatever it raises is logged, and answered by `failure`."""

    def failure(self, head: RequestHead) -> FrontResponse:
        """Return the response to a request that an error of ours ended."""

    def start(self) -> None:
        """Begin, within the process that answers."""

    def stop(self) -> None:
        """End soon: the process does."""


class FrontApplication:
    """Hands each request to the first endpoint that answers its path; the last one answers all that is left."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        unsent_seconds: float,
        start_pulse: Callable[[asyncio.AbstractEventLoop], None],
    ) -> None:
        self._endpoints = endpoints
        self._unsent_seconds = unsent_seconds
        self._start_pulse = start_pulse

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._start_pulse(loop)
        for endpoint in self._endpoints:
            endpoint.start()
        # The socket listens from the loop's first turn on.
        loop.call_soon(limit_unsent_data, self._unsent_seconds)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        for endpoint in self._endpoints:
            endpoint.stop()

    async def __rsgi__(self, scope: RsgiScope, protocol: RsgiProtocol) -> None:
        path = scope.path
        head = RequestHead(scope.method, path, scope.query_string, scope.headers)
        endpoint = next(endpoint for endpoint in self._endpoints if endpoint.answers(path))
        body = BodyReader(head, protocol, endpoint.limits, endpoint.budget)
        request = FrontRequest(head, scope, body)
        try:
            response = await endpoint.answer(request)
        except Exception:
            # The one place behind which there is nobody: whatever failed, the client hears of it.
            logger.exception("The front failed at %s", path)
            response = endpoint.failure(head)
        headers = list(response.headers)
        if request.has_body and not body.is_read:
            await body.discard()
            headers.append(CONNECTION_CLOSE)
        body.close()
        with contextlib.suppress(RuntimeError):  # the client has gone
            if response.file:
                protocol.response_file(response.status, headers, response.file)
            else:
                protocol.response_bytes(response.status, headers, response.body)
