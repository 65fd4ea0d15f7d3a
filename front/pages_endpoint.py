"""Answers pages and the API: reads the whole request, then lets Django make the response in a thread."""

import io
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import IO

from database.database_watch import DatabaseWatch
from database.wait_limits import limit_database_waits
from front.application import FrontRequest
from front.body_budget import BodyBudget
from front.body_errors import BodyError, LengthRequired
from front.body_reader import BodyLimits
from front.client_address import FORWARDED_FOR, TrustedProxies
from front.http_messages import FrontResponse, RequestHead
from front.notices import (
    CLIENT_UNREADABLE,
    DATABASE_SILENT,
    FAILED,
    TOO_BUSY,
    TOO_SLOW,
    body_notice,
    notice_response,
    prepare_notices,
)
from front.rsgi_protocol import RsgiScope
from front.work_pool import PoolBusy, WorkPool, WorkTooSlow
from front.wsgi_call import WSGIApplication, WsgiRequest, build_environ, call_wsgi, split_address


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The bounds of pages: threads, and seconds."""

    threads: int
    max_waiting: int
    wait_seconds: float
    answer_seconds: float
    database_seconds: float
    paths_without_database: tuple[str, ...]


@dataclass(slots=True)
class PagesEndpoint:
    """Django, behind whole requests. A page that takes long holds a thread of pages, and nothing else."""

    application: WSGIApplication
    settings: PageSettings
    limits: BodyLimits
    budget: BodyBudget
    watch: DatabaseWatch
    proxies: TrustedProxies
    pool: WorkPool = field(init=False)
    _is_stopping: threading.Event = field(default_factory=threading.Event)

    def answers(self, path: str) -> bool:
        return True

    def start(self) -> None:
        self.pool = WorkPool("pages", self.settings.threads, self.settings.max_waiting, self.settings.wait_seconds)
        prepare_notices()
        self.watch.start()

    def stop(self) -> None:
        self._is_stopping.set()
        self.watch.stop()
        self.pool.stop()

    def failure(self, head: RequestHead) -> FrontResponse:
        return notice_response(FAILED, head)

    async def answer(self, request: FrontRequest) -> FrontResponse:
        head = request.head
        if self._hides_client(request.scope):
            return notice_response(CLIENT_UNREADABLE, head)
        needs_database = not head.path.startswith(self.settings.paths_without_database)
        is_hopeless = self.watch.is_silent if needs_database else None
        if is_hopeless is not None and is_hopeless():
            return notice_response(DATABASE_SILENT, head)
        try:
            body = await self._read_body(request)
        except BodyError as error:
            return notice_response(body_notice(error.status, str(error), error.retry_after), head)
        work = partial(self._call, _wsgi_request(request, body))
        try:
            return await self.pool.run(work, seconds=self.settings.answer_seconds, is_hopeless=is_hopeless)
        except PoolBusy:
            return notice_response(TOO_BUSY, head)
        except WorkTooSlow:
            is_silent = is_hopeless is not None and is_hopeless()
            return notice_response(DATABASE_SILENT if is_silent else TOO_SLOW, head)

    def _hides_client(self, scope: RsgiScope) -> bool:
        """Tell whether a proxy says who came, in a header that cannot be read since its client put rubbish into it.

        Without that, whoever sends such a header would count as the proxy itself.
        """
        peer, _ = split_address(scope.client)
        return (
            FORWARDED_FOR in scope.headers
            and self.proxies.contain(peer)
            and not any(name == FORWARDED_FOR for name, _ in scope.headers.items())
        )

    async def _read_body(self, request: FrontRequest) -> IO[bytes]:
        if request.head.is_chunked:
            # Whether the last chunk came is not told, and half a form is another form.
            raise LengthRequired
        return await request.body.read_into_file() if request.has_body else io.BytesIO()

    def _call(self, request: WsgiRequest) -> FrontResponse:
        with request.body, limit_database_waits(self.settings.database_seconds, should_give_up=self._must_give_up):
            return call_wsgi(self.application, build_environ(request, self.proxies))

    def _must_give_up(self) -> bool:
        return self._is_stopping.is_set() or self.watch.is_silent()


def _wsgi_request(request: FrontRequest, body: IO[bytes]) -> WsgiRequest:
    scope, head = request.scope, request.head
    headers = scope.headers.items()
    if scope.authority:  # an absolute address names the host, whatever the header says
        headers = [*((name, value) for name, value in headers if name != "host"), ("host", scope.authority)]
    return WsgiRequest(
        head.method, head.path, head.query, headers, scope.client, scope.server, scope.http_version, body
    )
