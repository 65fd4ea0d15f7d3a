"""The data of the home page: open work, recent changes, and the catalog's figures."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from catalog.choices import Environment, Health, Status
from catalog.models import Event
from catalog.name_suggestions import closest_events
from tracking.quality.models import Finding
from tracking.requests.authoring.proposals import open_requests_for_names
from tracking.requests.models import Request
from tracking.traffic.models import Sample, SeenName


@dataclass(frozen=True, slots=True)
class CatalogStatistics:
    """The catalog in a few numbers."""

    events: int
    live: int
    planned: int
    failing: int
    findings: int
    findings_in_production: int

    @property
    def findings_note(self) -> str:
        """What the number of findings means, with how many of them are in production."""
        return f"wait for somebody, {self.findings_in_production} of them in production"


def catalog_statistics() -> CatalogStatistics:
    """Count the catalog's events by status, and the open findings (two queries)."""
    # In this shape an index has all that is asked for.
    rows = list(Event.objects.order_by().values_list("status", "health").annotate(count=Count("*")))
    findings = Finding.objects.untriaged().aggregate(
        findings=Count("pk"),
        findings_in_production=Count("pk", filter=Q(environment=Environment.PRODUCTION)),
    )
    return CatalogStatistics(
        events=sum(count for _, _, count in rows),
        live=sum(count for status, _, count in rows if status == Status.LIVE),
        planned=sum(count for status, _, count in rows if status == Status.PLANNED),
        failing=sum(count for _, health, count in rows if health == Health.FAILING),
        **findings,
    )


@dataclass(frozen=True, slots=True)
class UndocumentedName:
    """A name that arrives undefined, the event that it may be a misspelling of, and the request that defines it."""

    name: SeenName
    suggestion: Event | None
    draft: Request | None


def recent_undocumented_names(limit: int = 5) -> list[UndocumentedName]:
    """Return the names that arrived undefined last; not those that history alone brought, of which no event is kept."""
    has_sample = Exists(Sample.objects.filter(seen_name=OuterRef("pk")))
    names = list(SeenName.objects.undocumented().filter(has_sample).order_by("-first_seen", "-id")[:limit])
    suggestions = closest_events([name.name for name in names])
    drafts = open_requests_for_names(names)
    return [UndocumentedName(name, suggestions.get(name.name), drafts.get(name.pk)) for name in names]


def findings_owned_by(person: User, limit: int = 5) -> list[Finding]:
    """Return the newest unsettled findings that a person owns."""
    return list(Finding.objects.untriaged().filter(owner=person).with_list_data()[:limit])
