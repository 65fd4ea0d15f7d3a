"""What changes findings."""

from tracking.quality.services.triage import assign_finding, resolve_undocumented, transition_finding

__all__ = ["assign_finding", "resolve_undocumented", "transition_finding"]
