"""The demo company is loaded: everything in one transaction, or nothing."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from catalog.choices import Environment
from catalog.models import Event, Source
from catalog.services.write_keys import note_keys_seen
from demo.seeding.company_setup import Company, found_company
from demo.seeding.demo_baseline import take_baseline
from demo.seeding.finding_triage import triage
from demo.seeding.simulation import play
from tracking.requests.models import Request

LOCK = 7_311_002
"""The advisory lock that lets one loading or purging go on at a time."""

FOUNDED = timedelta(days=36)
MOVED_IN = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loading brought; all zero where the company was there already."""

    events: int = 0
    requests: int = 0
    arrived: int = 0


@transaction.atomic
def load_company() -> Loaded:
    """Load the company unless it is there. A loading that was interrupted has left nothing, and begins anew."""
    lock()
    if is_loaded():
        return Loaded()
    now = timezone.now()
    company = found_company(now=now, founded=now - FOUNDED)
    take_baseline(company, at=now - MOVED_IN)
    arrived = play(company)
    triage(company)
    _note_keys(company)
    return Loaded(Event.objects.filter(is_sample=True).count(), Request.objects.filter(is_sample=True).count(), arrived)


def is_loaded() -> bool:
    """Tell whether the company's samples are here."""
    return Source.objects.filter(is_sample=True).exists()


def lock() -> None:
    """Wait until nobody else loads or purges; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _note_keys(company: Company) -> None:
    for source in company.sources.values():
        used = source.write_keys.exclude(environment=Environment.DEVELOPMENT).values_list("pk", flat=True)
        note_keys_seen(used, at=company.now)
