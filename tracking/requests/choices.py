"""The fixed words of the request's way."""

from django.db import models


class State(models.TextChoices):
    """Where a request stands: where its least advanced delivery stands."""

    DRAFT = "draft", "Draft"
    REQUESTED = "requested", "Requested"
    REVIEWED = "reviewed", "Reviewed"
    DEVELOPED = "developed", "Developed"
    TESTED = "tested", "Tested"
    LIVE = "live", "Live"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class DeliveryState(models.TextChoices):
    """Where one change stands on one source."""

    PLANNED = "planned", "Planned"
    REVIEWED = "reviewed", "Reviewed"
    DEVELOPED = "developed", "Developed"
    TESTED = "tested", "Tested"
    LIVE = "live", "Live"
    DROPPED = "dropped", "Dropped"
    SUPERSEDED = "superseded", "Superseded"


OPEN_REQUESTS = (State.DRAFT, State.REQUESTED, State.REVIEWED, State.DEVELOPED, State.TESTED)
ENDED_REQUESTS = (State.DECLINED, State.WITHDRAWN)
OPEN_DELIVERIES = (DeliveryState.REVIEWED, DeliveryState.DEVELOPED, DeliveryState.TESTED)
COUNTED_DELIVERIES = (*OPEN_DELIVERIES, DeliveryState.LIVE)
"""Deliveries that decide where their request stands, least advanced first."""


class Lane(models.TextChoices):
    """How strict a change's way is: computed from what the change is, never chosen."""

    WORDS = "words", "Words"
    DOCUMENTING = "documenting", "Documenting"
    RETIRING = "retiring", "Retiring"
    NEW = "new", "Full way"


class Action(models.TextChoices):
    """What a change does to its event."""

    CREATE = "create", "Create"
    UPDATE = "update", "Update"
    DEPRECATE = "deprecate", "Deprecate"
    RETIRE = "retire", "Retire"


class Priority(models.TextChoices):
    """How soon it is needed."""

    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"
    URGENT = "urgent", "Urgent"


class Area(models.TextChoices):
    """What an approval speaks for."""

    ANALYSIS = "analysis", "Analysis"


class Stage(models.TextChoices):
    """Since which step of its delivery a piece of evidence was received."""

    REVIEWED = "reviewed", "Since reviewed"
    DEVELOPED = "developed", "Since developed"
    TESTED = "tested", "Since tested"


class Origin(models.TextChoices):
    """How a request began; what came with it was not typed by hand."""

    PEOPLE = "people", "People"
    TRAFFIC = "traffic", "Undocumented traffic"
    IMPORT = "import", "Import"
    API = "api", "API"


BUILT = frozenset({Lane.NEW, Lane.RETIRING})  # lanes whose deliveries are developed


TESTED = frozenset({Lane.NEW})  # lanes whose deliveries QA verifies


LIVING = frozenset({Lane.NEW, Lane.DOCUMENTING})  # lanes whose deliveries are live by what production shows
