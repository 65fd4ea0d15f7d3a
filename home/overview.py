"""What the home page shows: what needs somebody, what changed, and how the catalog stands."""

from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from catalog.choices import Health, Status
from catalog.models import Event
from tracking.quality.models import Finding


@dataclass(frozen=True, slots=True)
class Standing:
    """The catalog in five numbers."""

    events: int
    live: int
    planned: int
    failing: int
    findings: int


def standing() -> Standing:
    """Count the catalog's events by how they stand, and the findings nobody has taken up (two queries)."""
    counts = Event.objects.aggregate(
        events=Count("pk"),
        live=Count("pk", filter=Q(status=Status.LIVE)),
        planned=Count("pk", filter=Q(status=Status.PLANNED)),
        failing=Count("pk", filter=Q(health=Health.FAILING)),
    )
    return Standing(**counts, findings=Finding.objects.unsettled().count())


def findings_of(person: User, limit: int = 5) -> list[Finding]:
    """Return the newest unsettled findings that a person owns."""
    return list(Finding.objects.unsettled().filter(owner=person).with_list_data()[:limit])
