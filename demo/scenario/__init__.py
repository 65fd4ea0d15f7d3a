"""What happened since the company moved in: requests and what became of them."""

from demo.scenario.completed_requests import LIVING
from demo.scenario.ongoing_requests import UNDERWAY
from demo.scenario.scenario_entries import Act, RequestEntry

REQUESTS = (*LIVING, *UNDERWAY)

__all__ = ["LIVING", "REQUESTS", "UNDERWAY", "Act", "RequestEntry"]
