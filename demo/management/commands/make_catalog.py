"""Fills a database with a made-up catalog of any size, for measuring and for trying what a large one is like."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from demo.large_catalog.catalog_maker import CatalogExists, CatalogSize, make_catalog


class Command(BaseCommand):
    """`make_catalog --events 50000 --properties 20000`: events, versions, owners, tags, seen names and counts."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the size, the seed, and whether a catalog may be there already."""
        size = CatalogSize()
        parser.add_argument("--events", type=int, default=size.events)
        parser.add_argument("--properties", type=int, default=size.properties)
        parser.add_argument("--sources", type=int, default=size.sources)
        parser.add_argument("--seen-names", type=int, default=size.seen_names)
        parser.add_argument("--seed", type=int, default=1, help="The same seed and size give the same catalog.")
        parser.add_argument(
            "--beside",
            action="store_true",
            help="Write it beside the catalog that is there. It can be told apart only by its mark as a sample.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say how long that took. Raises CommandError where a catalog is there, or words do not suffice."""
        size = CatalogSize(
            events=options["events"],
            properties=options["properties"],
            sources=options["sources"],
            seen_names=options["seen_names"],
        )
        if min(size.events, size.properties, size.sources) < 1 or size.seen_names < 0:
            raise CommandError("A catalog has at least one event, one property and one source.")
        began = time.monotonic()
        try:
            make_catalog(size, seed=options["seed"], now=timezone.now(), is_beside_another=options["beside"])
        except CatalogExists as error:
            raise CommandError(f"{error} Use an empty database, or say --beside.") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # else the first pages are planned as for empty tables
        self.stdout.write(
            f"{size.events:,} events and {size.properties:,} properties in {time.monotonic() - began:.0f} seconds"
        )
