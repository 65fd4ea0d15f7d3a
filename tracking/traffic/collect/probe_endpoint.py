"""The probes at the front: one that asks nobody, and one that asks the database, briefly."""

import asyncio
from dataclasses import dataclass, field

from database.thread_connections import close_unusable_connections
from database.wait_limits import limit_database_waits
from front.application import FrontRequest
from front.body_budget import BodyBudget
from front.body_reader import BodyLimits
from front.http_messages import FrontResponse, RequestHead, json_response
from front.work_pool import PoolBusy, WorkPool, WorkTooSlow
from tracking.traffic.collect.probes import ALIVE, DATABASE_SILENT_PARTS, readiness, readiness_response

HEALTH, READINESS = "healthz", "readyz"
ANSWER_SECONDS = 1.5
DATABASE_SECONDS = 1.2


@dataclass(slots=True)
class ProbeEndpoint:
    """Answers `/healthz` from the event loop itself, and `/readyz` by a thread that all who ask share."""

    limits: BodyLimits
    budget: BodyBudget
    pool: WorkPool = field(init=False)
    asked: "asyncio.Task[FrontResponse] | None" = None

    def answers(self, path: str) -> bool:
        return path[1:].rstrip("/") in (HEALTH, READINESS)

    def start(self) -> None:
        self.pool = WorkPool("readiness", 1, max_waiting=1, wait_seconds=0.1)

    def stop(self) -> None:
        self.pool.stop()

    def failure(self, head: RequestHead) -> FrontResponse:
        return json_response(503, {"status": "not ready"})

    async def answer(self, request: FrontRequest) -> FrontResponse:
        if request.head.path.startswith(f"/{HEALTH}"):
            return ALIVE
        if self.asked is None or self.asked.done():
            self.asked = asyncio.get_running_loop().create_task(self._ask())
        return await asyncio.shield(self.asked)

    async def _ask(self) -> FrontResponse:
        try:
            return await self.pool.run(_readiness, seconds=ANSWER_SECONDS)
        except (PoolBusy, WorkTooSlow):
            return readiness_response(dict(DATABASE_SILENT_PARTS))


def _readiness() -> FrontResponse:
    close_unusable_connections()
    with limit_database_waits(DATABASE_SECONDS):
        return readiness()
