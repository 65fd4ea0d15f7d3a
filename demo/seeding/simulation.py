"""Time at Harbour & Sons: what people did and what arrived, in the order in which it happened."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from accounts.models import User
from demo.scenario import REQUESTS
from demo.scenario.scenario_runner import Telling
from demo.seeding.company_setup import Company
from demo.traffic import Sent, generate, send
from tracking.requests.choices import DeliveryState
from tracking.requests.tasks import provable
from tracking.requests.workflow.available_steps import blocking
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.counts import rollups, traffic_projections

PROJECTED_EVERY = timedelta(days=5)
DAY = timedelta(days=1)


@dataclass(order=True, slots=True)
class Moment:
    """Something that happens: `needs_traffic` says that everything which arrived before must be checked first."""

    at: datetime
    number: int
    happen: Callable[[], object] = field(compare=False)
    needs_traffic: bool = field(compare=False, default=False)


def play(company: Company) -> int:
    """Let thirty days pass, and return how many events arrived in them."""
    return _Play(company).run()


class _Play:
    def __init__(self, company: Company) -> None:
        self.company = company
        self.waiting: deque[Sent] = deque(generate(company.now))
        self.arrived = 0
        self.projected_at = company.ago(40)

    def run(self) -> int:
        for moment in self._moments():
            if moment.needs_traffic:
                self._until(moment.at)
            moment.happen()
        self._until(self.company.now)
        self._project(self.company.now)
        return self.arrived

    def _moments(self) -> list[Moment]:
        found: list[Moment] = []

        def note(days_ago: float, happen: Callable[[], object], *, needs_traffic: bool = False) -> None:
            found.append(Moment(self.company.ago(days_ago), len(found), happen, needs_traffic))

        for entry in REQUESTS:
            telling = Telling(entry, self.company, self._arrive)
            note(entry.drafted, telling.draft)
            for act in entry.acts:
                note(act.days_ago, partial(telling.perform, act), needs_traffic=act.needs_traffic)
        return sorted(found)

    def _until(self, at: datetime) -> None:
        """Let everything arrive that was sent by then, a day at a time, and let go live what it proves."""
        while self.waiting and self.waiting[0].at <= at:
            until = min(at, self.waiting[0].at + DAY)
            chunk = []
            while self.waiting and self.waiting[0].at <= until:
                chunk.append(self.waiting.popleft())
            self._arrive(chunk)
            self._advance(until)
            if until - self.projected_at >= PROJECTED_EVERY:
                self._project(until)

    def _arrive(self, events: list[Sent]) -> None:
        self.arrived += send(events, self.company.sources)

    def _advance(self, at: datetime) -> None:
        """Do what the task does that lets deliveries go live, at its own time."""
        for delivery in provable():
            if not blocking(delivery, at=at):
                move_delivery(delivery, DeliveryState.LIVE, by=User.objects.system(), at=at)

    def _project(self, at: datetime) -> None:
        while rollups.fold().deltas:
            pass
        traffic_projections.project_all(at=at)
        self.projected_at = at
