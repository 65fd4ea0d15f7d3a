"""The collector at the front: bodies come over the event loop, and threads of its own store them in groups."""

import threading
import time
from dataclasses import dataclass, field
from functools import partial

from django.db import DatabaseError, InterfaceError
from prometheus_client import Counter

from database.database_watch import DatabaseWatch
from database.thread_connections import close_unusable_connections
from database.wait_limits import limit_database_waits
from front.application import FrontRequest
from front.body_budget import BodyBudget
from front.body_errors import BodiesCrowded, BodyBrokeOff, BodyError, BodyOverLimit, BodyTooSlow
from front.body_reader import BodyLimits
from front.http_messages import FrontResponse, RequestHead
from front.work_pool import PoolBusy, WorkPool, WorkTooSlow
from tracking.traffic.choices import RefusalReason
from tracking.traffic.collect.collector_responses import (
    accept,
    answer_without_body,
    incoming_request,
    refuse,
    refuse_as_failed,
)
from tracking.traffic.collect.inbox_writer import InboxWriter
from tracking.traffic.collect.ingestion import (
    LARGE,
    LIGHT,
    RETRY_AFTER_SECONDS,
    WHOLE,
    BodyTakesLong,
    IncomingRequest,
    IngestionRejected,
    PreparedBody,
    ReadLimits,
    prepare,
    prepare_on_the_loop,
    refusal_of,
)
from tracking.traffic.collect.rate_exchange import rate_exchange
from tracking.traffic.collect.refusal_log import refusal_log
from tracking.traffic.collect.wires import find_route, is_collector_path

RESPONSES = Counter("signalbook_collector_responses", "Responses of the collector, by status.", ["status"])
REASON_BY_ERROR: dict[type[BodyError], RefusalReason] = {
    BodyBrokeOff: RefusalReason.BROKE_OFF,
    BodyTooSlow: RefusalReason.TOO_SLOW,
    BodyOverLimit: RefusalReason.TOO_LARGE,
    BodiesCrowded: RefusalReason.BUSY,
}


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """The bounds of the collector's work: threads that prepare bodies and that store them, and seconds from the last
    byte of a body to its answer."""

    threads: int
    writer_threads: int
    max_waiting: int
    wait_seconds: float
    answer_seconds: float
    database_seconds: float


@dataclass(slots=True)
class CollectorEndpoint:
    """Answers the paths of the SDKs. A slow page takes none of its threads, and it takes none of theirs.

    Large bodies have one thread of their own, and those that only the lenient parser reads another one: however many of
    a kind come, all others are read meanwhile. A damaged one of 20 KB, blown up by gzip, may take half a minute.
    """

    settings: CollectorSettings
    limits: BodyLimits
    budget: BodyBudget
    watch: DatabaseWatch
    pool: WorkPool = field(init=False)
    large_pool: WorkPool = field(init=False)
    lenient_pool: WorkPool = field(init=False)
    writer: InboxWriter = field(init=False)
    _is_stopping: threading.Event = field(default_factory=threading.Event)

    def answers(self, path: str) -> bool:
        return is_collector_path(path)

    def start(self) -> None:
        bounds = self.settings
        self.pool = WorkPool("collector", bounds.threads, bounds.max_waiting, bounds.wait_seconds)
        self.large_pool = WorkPool("collector-large", 1, bounds.max_waiting, bounds.wait_seconds)
        self.lenient_pool = WorkPool("collector-lenient", 1, bounds.max_waiting, bounds.wait_seconds)
        self.writer = InboxWriter(bounds.writer_threads, bounds.max_waiting, self._is_stopping.is_set)
        refusal_log.start()
        rate_exchange.start()

    def stop(self) -> None:
        self._is_stopping.set()
        self.pool.stop()
        self.large_pool.stop()
        self.lenient_pool.stop()
        self.writer.stop()
        refusal_log.stop()
        rate_exchange.stop()

    def failure(self, head: RequestHead) -> FrontResponse:
        response = refuse_as_failed(head)
        RESPONSES.labels(response.status).inc()
        return response

    async def answer(self, request: FrontRequest) -> FrontResponse:
        response = await self._answer(request)
        RESPONSES.labels(response.status).inc()
        return response

    async def _answer(self, request: FrontRequest) -> FrontResponse:
        head = request.head
        route = find_route(head.path)
        response = answer_without_body(head, route)
        if response is not None or route is None:
            return response or refuse_as_failed(head)
        try:
            body = await request.body.read()
        except BodyError as error:
            reason = REASON_BY_ERROR.get(type(error), RefusalReason.UNREADABLE)
            rejection = IngestionRejected(error.status, str(error), reason=reason, retry_after=error.retry_after)
            return refuse(head, rejection)
        if self.watch.is_silent():
            return refuse(head, _unavailable("The inbox cannot be written just now.", RefusalReason.DATABASE))
        try:
            await self._store(incoming_request(head, route, body))
        except IngestionRejected as rejection:
            return refuse(head, rejection)
        except PoolBusy:
            return refuse(head, _unavailable("Too much comes at once. Send it again later.", RefusalReason.BUSY))
        except WorkTooSlow:
            # It may be stored yet. The SDK sends it again, and the ids of its events tell the repeat.
            return refuse(head, _unavailable("The inbox cannot be written just now.", RefusalReason.DATABASE))
        return accept(head, route)

    async def _store(self, request: IncomingRequest) -> None:
        """Store what a request brings, and return once it is committed. Raises what says why it is not."""
        bounds, began = self.settings, time.monotonic()
        prepared = await self._prepare(request, began)
        if prepared.accepted is None:
            return
        taken = time.monotonic() - began
        try:
            await self.writer.store(
                prepared, seconds=bounds.answer_seconds - taken, database_seconds=bounds.database_seconds - taken
            )
        except (DatabaseError, InterfaceError) as error:
            raise refusal_of(error, prepared) from error

    async def _prepare(self, request: IncomingRequest, began: float) -> PreparedBody:
        """Prepare a body on the loop, as most are; else where those are prepared that take as long."""
        seconds = self.settings.answer_seconds
        try:
            return prepare_on_the_loop(request)
        except BodyTakesLong:
            pass
        try:
            return await self.pool.run(partial(self._prepare_in_thread, request, began, LIGHT), seconds=seconds)
        except BodyTakesLong:
            pass
        try:
            return await self._prepare_large(self.large_pool, request, began, LARGE)
        except BodyTakesLong:
            return await self._prepare_large(self.lenient_pool, request, began, WHOLE)

    async def _prepare_large(
        self, pool: WorkPool, request: IncomingRequest, began: float, limits: ReadLimits
    ) -> PreparedBody:
        left = max(0.0, began + self.settings.answer_seconds - time.monotonic())
        try:
            return await pool.run(partial(self._prepare_in_thread, request, began, limits), seconds=left)
        except (PoolBusy, WorkTooSlow) as error:
            message = "Too many large bodies come at once. Send it again later, or less at a time."
            raise _unavailable(message, RefusalReason.BUSY) from error

    def _prepare_in_thread(self, request: IncomingRequest, began: float, limits: ReadLimits) -> PreparedBody:
        close_unusable_connections()
        remaining = began + self.settings.database_seconds - time.monotonic()
        with limit_database_waits(remaining, should_give_up=self._is_stopping.is_set):
            return prepare(request, limits)


def _unavailable(message: str, reason: RefusalReason) -> IngestionRejected:
    return IngestionRejected(503, message, reason=reason, retry_after=RETRY_AFTER_SECONDS)
