"""Loads the demo company in one transaction."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from catalog.choices import Environment
from catalog.models import Event, Source
from catalog.services.write_keys import update_keys_last_seen
from demo.seeding.company_setup import Company, create_company
from demo.seeding.demo_baseline import load_baseline
from demo.seeding.finding_triage import triage_findings
from demo.seeding.simulation import run_simulation
from tracking.requests.models import Request

ADVISORY_LOCK_ID = 7_311_002
"""The advisory lock that lets one loading or purging go on at a time."""

COMPANY_AGE = timedelta(days=36)
BASELINE_AGE = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What was loaded; all zero where the company was there already."""

    events: int = 0
    requests: int = 0
    ingested_events: int = 0


@transaction.atomic
def load_company() -> LoadResult:
    """Load the company unless it is there. An interrupted load was rolled back, and starts again."""
    acquire_demo_lock()
    if is_loaded():
        return LoadResult()
    now = timezone.now()
    company = create_company(now=now, created_at=now - COMPANY_AGE)
    load_baseline(company, at=now - BASELINE_AGE)
    arrived = run_simulation(company)
    triage_findings(company)
    _mark_keys_used(company)
    return LoadResult(
        Event.objects.filter(is_sample=True).count(), Request.objects.filter(is_sample=True).count(), arrived
    )


def is_loaded() -> bool:
    """Return whether the company is loaded."""
    return Source.objects.filter(is_sample=True).exists()


def acquire_demo_lock() -> None:
    """Wait until nobody else loads or purges; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK_ID])


def _mark_keys_used(company: Company) -> None:
    for source in company.sources.values():
        used = source.write_keys.exclude(environment=Environment.DEVELOPMENT).values_list("pk", flat=True)
        update_keys_last_seen(used, at=company.now)
