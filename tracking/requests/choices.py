"""The choices of requests, changes and deliveries."""

from django.db import models


class RequestState(models.TextChoices):
    """The state of a request: after approval, that of its least advanced delivery."""

    DRAFT = "draft", "Draft"
    REQUESTED = "requested", "Requested"
    REVIEWED = "reviewed", "Reviewed"
    DEVELOPED = "developed", "Developed"
    TESTED = "tested", "Tested"
    LIVE = "live", "Live"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class DeliveryState(models.TextChoices):
    """The state of one change on one source."""

    PLANNED = "planned", "Planned"
    REVIEWED = "reviewed", "Reviewed"
    DEVELOPED = "developed", "Developed"
    TESTED = "tested", "Tested"
    LIVE = "live", "Live"
    DROPPED = "dropped", "Dropped"
    SUPERSEDED = "superseded", "Superseded"


OPEN_REQUEST_STATES = (
    RequestState.DRAFT,
    RequestState.REQUESTED,
    RequestState.REVIEWED,
    RequestState.DEVELOPED,
    RequestState.TESTED,
)
ENDED_REQUEST_STATES = (RequestState.DECLINED, RequestState.WITHDRAWN)
OPEN_DELIVERY_STATES = (DeliveryState.REVIEWED, DeliveryState.DEVELOPED, DeliveryState.TESTED)
COUNTED_DELIVERY_STATES = (*OPEN_DELIVERY_STATES, DeliveryState.LIVE)
"""States of the deliveries that decide the state of their request, least advanced first."""


class Lane(models.TextChoices):
    """Which steps a change takes: computed from what it changes, never chosen."""

    WORDS = "words", "Words"
    DOCUMENTING = "documenting", "Documenting"
    RETIRING = "retiring", "Retiring"
    NEW = "new", "Full way"


class ChangeAction(models.TextChoices):
    """What a change does to its event."""

    CREATE = "create", "Create"
    UPDATE = "update", "Update"
    DEPRECATE = "deprecate", "Deprecate"
    RETIRE = "retire", "Retire"


DEFINING_ACTIONS = (ChangeAction.CREATE, ChangeAction.UPDATE)
"""Those that carry a definition."""


class Priority(models.TextChoices):
    """How soon it is needed."""

    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"
    URGENT = "urgent", "Urgent"


class ApprovalArea(models.TextChoices):
    """The area that an approval is given in."""

    ANALYSIS = "analysis", "Analysis"


def default_approval_areas() -> list[str]:
    """Return what a change needs before its content was looked at: analysis, which every change needs."""
    return [ApprovalArea.ANALYSIS.value]


class EvidenceStage(models.TextChoices):
    """Since which step of its delivery a piece of evidence was received."""

    REVIEWED = "reviewed", "Since reviewed"
    DEVELOPED = "developed", "Since developed"
    TESTED = "tested", "Since tested"


class RequestOrigin(models.TextChoices):
    """How a request began; what came with it was not typed by hand."""

    PEOPLE = "people", "People"
    TRAFFIC = "traffic", "Undocumented traffic"
    IMPORT = "import", "Import"
    API = "api", "API"


LANES_DEVELOPED = frozenset({Lane.NEW, Lane.RETIRING})  # lanes whose deliveries are developed


LANES_VERIFIED = frozenset({Lane.NEW})  # lanes whose deliveries QA verifies


LANES_PROVEN_LIVE = frozenset({Lane.NEW, Lane.DOCUMENTING})  # lanes whose deliveries are live by what production shows
