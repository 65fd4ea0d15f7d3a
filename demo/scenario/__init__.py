"""The demo's requests and how they proceeded."""

from demo.scenario.completed_requests import COMPLETED_REQUESTS
from demo.scenario.ongoing_requests import ONGOING_REQUESTS
from demo.scenario.scenario_entries import RequestEntry, ScenarioAction

SCENARIO_REQUESTS = (*COMPLETED_REQUESTS, *ONGOING_REQUESTS)

__all__ = ["COMPLETED_REQUESTS", "ONGOING_REQUESTS", "SCENARIO_REQUESTS", "RequestEntry", "ScenarioAction"]
