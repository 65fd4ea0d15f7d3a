"""Makes a catalog of any size, the same for the same seed."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.db import transaction

from accounts.history import record
from catalog.models import Event, Property, Source
from demo.large_catalog.catalog_writer import EventWriter, write_company, write_properties
from demo.large_catalog.generated_events import generate_events
from demo.large_catalog.generated_properties import generate_properties
from demo.large_catalog.traffic_writer import write_traffic


@dataclass(frozen=True, slots=True)
class CatalogSize:
    """How large a catalog is made: what people would have, in the proportions of a large company."""

    events: int = 50_000
    properties: int = 20_000
    sources: int = 24
    teams: int = 30
    people: int = 60
    seen_names: int = 8_000


class CatalogExists(Exception):
    """The database has a catalog already."""


@transaction.atomic
def make_catalog(size: CatalogSize, *, seed: int, now: datetime, is_beside_another: bool = False) -> None:
    """Write a catalog, all of it or nothing. Every row that can be is marked as a sample.

    The same seed and size give the same names, words, definitions and figures; times are told back from `now`.
    Raises CatalogExists where the database has events, properties or sources, unless it `is_beside_another`, and
    ValueError where there are not enough words for the size.
    """
    if not is_beside_another and (found := _rows_there()):
        raise CatalogExists(f"This database has {found} already.")
    random = Random(seed)  # noqa: S311  nothing here is a secret
    library = generate_properties(random, size.properties)
    company = write_company(now, teams=size.teams, sources=size.sources, people=size.people)
    property_ids = write_properties(library, company, now)
    writer = EventWriter(company, property_ids, now, random)
    written = list(writer.write(generate_events(random, size.events, library)))
    write_traffic(written, size.seen_names, now, random)
    record(
        by=company.system,
        subject_type="catalog",
        subject_id=seed,
        action="made",
        evidence={"events": size.events, "properties": size.properties, "seed": seed},
        at=now,
    )


def _rows_there() -> str:
    """Return what there is of a catalog in words, or ""."""
    counts = {"events": Event, "library entries": Property, "sources": Source}
    return ", ".join(
        f"{count:,} {words}" for words, model in counts.items() if (count := model._default_manager.count())
    )
