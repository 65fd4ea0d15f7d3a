"""Rows of the request's way, one file a noun."""

from tracking.requests.models.approval import Approval
from tracking.requests.models.change import Change
from tracking.requests.models.delivery import Delivery
from tracking.requests.models.evidence import Evidence, EvidenceDevice, EvidenceId, EvidenceProperty
from tracking.requests.models.pinned_event import PinnedEvent
from tracking.requests.models.request import Request
from tracking.requests.models.verification import Verification

__all__ = [
    "Approval",
    "Change",
    "Delivery",
    "Evidence",
    "EvidenceDevice",
    "EvidenceId",
    "EvidenceProperty",
    "PinnedEvent",
    "Request",
    "Verification",
]
