"""The choices of findings."""

from django.db import models


class FindingState(models.TextChoices):
    """What people made of a finding; a resolved one that comes back is regressed."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    RESOLVED = "resolved", "Resolved"
    IGNORED = "ignored", "Ignored"
    REGRESSED = "regressed", "Regressed"


TRIAGE_LABELS: dict[str, str] = {
    FindingState.OPEN: "Open again",
    FindingState.ACKNOWLEDGED: "Acknowledge",
    FindingState.RESOLVED: "Mark resolved",
    FindingState.IGNORED: "Ignore",
}
"""What a person presses to move a finding to a state."""


class SeverityChoice(models.TextChoices):
    """How bad a violation is; the words of `catalog.contract.Severity`, with labels."""

    ERROR = "error", "Error"
    WARNING = "warning", "Warning"
