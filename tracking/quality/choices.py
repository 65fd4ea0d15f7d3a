"""The fixed words of findings."""

from django.db import models


class FindingState(models.TextChoices):
    """What people made of a finding; a resolved one that comes back is regressed."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    RESOLVED = "resolved", "Resolved"
    IGNORED = "ignored", "Ignored"
    REGRESSED = "regressed", "Regressed"


class SeverityChoice(models.TextChoices):
    """How bad a violation is; the words of `catalog.contract.Severity`, with labels."""

    ERROR = "error", "Error"
    WARNING = "warning", "Warning"
