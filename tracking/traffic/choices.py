"""The choices of arriving traffic."""

from django.db import models


class VerdictChoice(models.TextChoices):
    """What came of one event; the words of `catalog.contract.Verdict`, with labels."""

    CONFORMING = "conforming", "Conforming"
    NONCONFORMING = "nonconforming", "Nonconforming"
    UNDOCUMENTED = "undocumented", "Undocumented"
    WRONG_SOURCE = "wrong_source", "Wrong source"
    RETIRED = "retired", "Retired"
    UNREADABLE = "unreadable", "Unreadable"
    UNCHECKED = "unchecked", "Unchecked"


class WireChoice(models.TextChoices):
    """The formats in which SDKs send events."""

    SEGMENT = "segment", "Segment"
    RUDDERSTACK = "rudderstack", "RudderStack"


class LimitKind(models.TextChoices):
    """What is counted per source and hour, up to a cap."""

    NAME = "name", "Event name"
    APP_VERSION = "app_version", "App version"
