"""What changes findings."""

from tracking.quality.services.triage import assign_finding, move_finding, settle_undocumented

__all__ = ["assign_finding", "move_finding", "settle_undocumented"]
