"""The simulated month: people's steps and arriving events, in the order of time."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from accounts.models import User
from demo.scenario import SCENARIO_REQUESTS
from demo.scenario.scenario_runner import RequestScenario
from demo.seeding.company_setup import Company
from demo.traffic import GeneratedEvent, generate_events, ingest_events
from tracking.requests.choices import DeliveryState
from tracking.requests.tasks import provable
from tracking.requests.workflow.available_steps import automatic_step_blockers
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.counts import rollups, traffic_projections

PROJECTION_INTERVAL = timedelta(days=5)
DAY = timedelta(days=1)


@dataclass(order=True, slots=True)
class ScheduledAction:
    """Something that happens: `needs_traffic` says that everything which arrived before must be checked first."""

    at: datetime
    number: int
    run: Callable[[], object] = field(compare=False)
    needs_traffic: bool = field(compare=False, default=False)


def run_simulation(company: Company) -> int:
    """Simulate thirty days, and return how many events arrived in them."""
    return _Simulation(company).run()


class _Simulation:
    def __init__(self, company: Company) -> None:
        self.company = company
        self.pending_events: deque[GeneratedEvent] = deque(generate_events(company.now))
        self.ingested_count = 0
        self.last_projection_at = company.ago(40)

    def run(self) -> int:
        for moment in self._schedule():
            if moment.needs_traffic:
                self._advance_to(moment.at)
            moment.run()
        self._advance_to(self.company.now)
        self._update_projections(self.company.now)
        return self.ingested_count

    def _schedule(self) -> list[ScheduledAction]:
        actions: list[ScheduledAction] = []

        def schedule(days_ago: float, happen: Callable[[], object], *, needs_traffic: bool = False) -> None:
            actions.append(ScheduledAction(self.company.ago(days_ago), len(actions), happen, needs_traffic))

        for entry in SCENARIO_REQUESTS:
            scenario = RequestScenario(entry, self.company, self._ingest)
            schedule(entry.drafted_days_ago, scenario.create_draft)
            for act in entry.actions:
                schedule(act.days_ago, partial(scenario.run_action, act), needs_traffic=act.requires_checked_traffic)
        return sorted(actions)

    def _advance_to(self, at: datetime) -> None:
        """Let everything arrive that was sent by then, a day at a time, and let go live what it proves."""
        while self.pending_events and self.pending_events[0].at <= at:
            until = min(at, self.pending_events[0].at + DAY)
            chunk = []
            while self.pending_events and self.pending_events[0].at <= until:
                chunk.append(self.pending_events.popleft())
            self._ingest(chunk)
            self._complete_proven_deliveries(until)
            if until - self.last_projection_at >= PROJECTION_INTERVAL:
                self._update_projections(until)

    def _ingest(self, events: list[GeneratedEvent]) -> None:
        self.ingested_count += ingest_events(events, self.company.sources)

    def _complete_proven_deliveries(self, at: datetime) -> None:
        """Do what the task does that lets deliveries go live, at its own time."""
        for delivery in provable():
            if not automatic_step_blockers(delivery, at=at):
                move_delivery(delivery, DeliveryState.LIVE, by=User.objects.system(), at=at)

    def _update_projections(self, at: datetime) -> None:
        while rollups.fold_deltas().delta_count:
            pass
        traffic_projections.update_all_projections(at=at)
        self.last_projection_at = at
