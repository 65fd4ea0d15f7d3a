"""What happened since the company moved in: requests and what became of them."""

from demo.story.living import LIVING
from demo.story.notation import Act, RequestEntry
from demo.story.underway import UNDERWAY

REQUESTS = (*LIVING, *UNDERWAY)

__all__ = ["LIVING", "REQUESTS", "UNDERWAY", "Act", "RequestEntry"]
