"""How long the pages of a large catalog take: 50,000 events and 20,000 properties, through the whole middleware.

`make bench` runs it. It works in a database of its own, which it makes, fills by `make_catalog` and drops. With
`CATALOG_EVENTS` (and `CATALOG_PROPERTIES`) the catalog is smaller, and with `CATALOG_URL` the pages are those of a
database that is there, which stays as it is but for a person who signs in.
"""

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random

if "CATALOG_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["CATALOG_URL"]

import benchmarks.ready  # noqa: F401, I001  sets Django up for what follows

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from catalog.choices import Status
from catalog.models import Event, Property
from demo.large_catalog.catalog_maker import CatalogSize, make_catalog
from demo.large_catalog.word_lists import ACTIONS, AREAS, CHOICE_WORDS, OBJECTS
from tests.factories.accounts import person

REQUESTS = 200
WARM_UP = 5
BASE_SIZE = CatalogSize()


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page: `addresses` are opened in turn, none twice where there are enough."""

    name: str
    addresses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one answer took, in milliseconds: by the clock, in this process, and in PostgreSQL's."""

    wall: float
    python: float
    postgresql: float


@contextmanager
def scratch_catalog(size: CatalogSize) -> Iterator[None]:
    """A migrated database of this run alone, with a catalog of the size, as its statistics know it."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        began = time.perf_counter()
        make_catalog(size, seed=1, now=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        print(f"The catalog was made in {time.perf_counter() - began:.0f} seconds.\n")
        yield
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def pages(random: Random, requests: int) -> list[Page]:
    """Return what is measured; which events, words and pages is chosen by `random`."""
    events = list(Event.objects.filter(status=Status.LIVE).order_by("pk").values_list("pk", "name"))
    properties = list(Property.objects.order_by("pk").values_list("pk", "name"))
    chosen = [random.choice(events) for _ in range(requests)]
    event_list, search, api = reverse("catalog:events"), reverse("home:search"), reverse("event-list")
    last_page = max(1, Event.objects.count() // 50)
    things, actions = [each.title() for each in OBJECTS], [each.title() for each in ACTIONS]

    def each(address: Callable[[int], str]) -> list[str]:
        return [address(number) for number in range(requests)]

    def two_words(_number: int) -> str:
        return f"{random.choice(AREAS)}+{random.choice(OBJECTS)}"

    return [
        Page("catalog list", each(lambda number: f"{event_list}?page={1 + number % 5}")),
        Page("catalog list, far pages", each(lambda _: f"{event_list}?page={random.randint(1, last_page)}")),
        Page("catalog list, live, newest change first", each(lambda _: f"{event_list}?status=live&sort=-changed")),
        Page("catalog list, two words", each(lambda number: f"{event_list}?q={two_words(number)}")),
        Page("search, one common word", each(lambda number: f"{search}?q={things[number % len(things)]}")),
        Page(
            "search, the beginning of a word", each(lambda number: f"{search}?q={actions[number % len(actions)][:4]}")
        ),
        Page("search, two words", each(lambda number: f"{search}?q={two_words(number)}")),
        Page("search, a whole name", [f"{search}?q={name.replace(' ', '+')}" for _, name in chosen]),
        Page("search, a property", [f"{search}?q={random.choice(properties)[1]}" for _ in range(requests)]),
        Page("search, a value", each(lambda number: f"{search}?q={CHOICE_WORDS[number % len(CHOICE_WORDS)]}")),
        Page("search, a misspelt name", [f"{search}?q={name.replace(' ', '')[1:]}" for _, name in chosen]),
        Page("search, nothing found", each(lambda number: f"{search}?q=zq{number}xv")),
        Page("event page", [Event(pk=pk, name=name).get_absolute_url() for pk, name in chosen]),
        Page("properties list", each(lambda number: f"{reverse('catalog:properties')}?page={1 + number % 40}")),
        Page("property page", [Property(pk=random.choice(properties)[0]).get_absolute_url() for _ in range(requests)]),
        Page("home", [reverse("home:home")] * requests),
        Page("API events", each(lambda number: f"{api}?page_size={50 - number % 2}")),
        Page("API events by name", [f"{api}?name={name.replace(' ', '+')}" for _, name in chosen]),
        Page("API properties", [reverse("property-list")] * requests),
    ]


def measure(browser: Client, page: Page) -> list[Timing]:
    """Open each address of a page once, after a few to warm up, and return how long each took."""
    for address in page.addresses[:WARM_UP]:
        _open(browser, address)
    timings = []
    for address in page.addresses:
        started, cpu, backend = time.perf_counter(), time.thread_time(), _backend_milliseconds()
        _open(browser, address)
        timings.append(
            Timing(
                wall=(time.perf_counter() - started) * 1000,
                python=(time.thread_time() - cpu) * 1000,
                postgresql=_backend_milliseconds() - backend,
            )
        )
    return timings


def _open(browser: Client, address: str) -> None:
    response = browser.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answers {response.status_code}")


def _backend_milliseconds() -> float:
    """Return the processor time of the PostgreSQL process of this connection; 0 where it runs elsewhere.

    That of further processes for one statement is not in it: the application's sessions ask for none.
    """
    assert connection.connection is not None
    schedstat = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        return int(schedstat.read_text().split()[0]) / 1_000_000
    except OSError:
        return 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not pass, which is one of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def row(page: Page, timings: Sequence[Timing]) -> str:
    """Return the line of a page: percentiles by the clock and of the processor, and PostgreSQL's part of them."""
    walls = [each.wall for each in timings]
    processor = [each.python + each.postgresql for each in timings]
    figures = [percentile(each, share) for each in (walls, processor) for share in (0.5, 0.95, 0.99)]
    postgresql = percentile([each.postgresql for each in timings], 0.5)
    return f"| {page.name} | {' | '.join(f'{figure:.1f}' for figure in figures)} | {postgresql:.1f} |"


def signed_in() -> Client:
    """Return the browser of an analyst, who sees the most."""
    user = User.objects.filter(username="benchmark").first() or person(Role.ANALYST, username="benchmark")
    browser = Client()
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return browser


def measure_catalog(size: CatalogSize | None = None, *, requests: int = REQUESTS) -> None:
    """Print what it was measured on, and the table of the pages, each opened so many times."""
    size = size or CatalogSize(
        events=int(os.environ.get("CATALOG_EVENTS", BASE_SIZE.events)),
        properties=int(os.environ.get("CATALOG_PROPERTIES", BASE_SIZE.properties)),
    )
    with nullcontext() if "CATALOG_URL" in os.environ else scratch_catalog(size):
        browser = signed_in()
        only = os.environ.get("CATALOG_PAGES", "")
        chosen = [page for page in pages(Random(1), requests) if only in page.name]
        for page in chosen:
            _open(browser, page.addresses[0])
        # As the web processes do once they have started.
        gc.collect()
        gc.freeze()
        load = os.getloadavg()[0]
        print(
            f"{Event.objects.count():,} events, {Property.objects.count():,} properties; {requests} requests each, ms"
        )
        print(f"Load of the machine as it began: {load:.1f}\n")
        print("| page | p50 | p95 | p99 | processor p50 | p95 | p99 | of it PostgreSQL p50 |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        for page in chosen:
            print(row(page, measure(browser, page)), flush=True)


if __name__ == "__main__":
    measure_catalog()
