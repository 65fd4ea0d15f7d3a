"""What changes findings."""

from tracking.quality.services.triage import assign_finding, move_finding

__all__ = ["assign_finding", "move_finding"]
