"""The made-up catalog: the same for the same seed, valid as people's own, and never poured into another."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from catalog.choices import Status
from catalog.contract import compare, definition_hash, find_problems, fold_name, list_properties
from catalog.models import Event, EventName, Property, Version, VersionProperty
from demo.large_catalog.catalog_maker import CatalogExists, CatalogSize, make_catalog
from demo.large_catalog.generated_events import MAX_EVENTS, generate_events
from demo.large_catalog.generated_properties import MAX_PROPERTIES, generate_properties
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory
from tracking.traffic.models import Rollup, Sample, SeenName

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner_role")]

NOW = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)
SMALL = CatalogSize(events=120, properties=60, sources=3, teams=3, people=5, seen_names=40)


def make(**options: object) -> None:
    make_catalog(SMALL, **{"seed": 7, "now": NOW} | options)


def test_it_has_the_size_that_was_asked_for() -> None:
    make()
    assert (Event.objects.count(), Property.objects.count(), SeenName.objects.count()) == (120, 60, 40)
    assert EventName.objects.count() == 120 and Rollup.objects.exists()
    assert Sample.objects.count() == SeenName.objects.undocumented().count() == 2
    assert set(Event.objects.values_list("status", flat=True)) == set(Status.values)
    assert Event.objects.exclude(is_sample=True).count() == 0


def test_every_version_says_what_publishing_would_have_said() -> None:
    """Its document is valid, its hash, properties and number are those that the services work out."""
    make()
    for version in Version.objects.select_related("event", "parent"):
        assert find_problems(version.definition) == []
        assert bytes(version.content_hash) == definition_hash(version.definition)
        rows = VersionProperty.objects.filter(version=version).order_by("path")
        lines = list_properties(version.definition, with_examples=False)
        assert {(row.path, row.name, row.type_label, row.is_required) for row in rows} == {
            (line.path, line.name, line.type_label, line.is_required) for line in lines
        }
        if version.parent is not None:
            found = compare(version.parent.definition, version.definition)
            assert found.version_bump == version.change_kind
    for event in Event.objects.select_related("live_version", "newest_version"):
        shown = event.live_version or event.newest_version
        assert shown is not None and event.description == shown.definition["description"]
        assert event.property_count == shown.properties.count()
        assert (event.live_version is None) == (event.status == Status.PLANNED)


def test_the_same_seed_gives_the_same_catalog_and_another_one_another() -> None:
    def content(seed: int) -> list[object]:
        random = Random(seed)
        library = generate_properties(random, 40)
        return [library, list(generate_events(random, 50, library))]

    assert content(1) == content(1)
    assert content(1) != content(2)


def test_no_two_names_read_alike() -> None:
    random = Random(3)
    library = generate_properties(random, 3_000)
    names = [event.name for event in generate_events(random, 3_000, library[:50])]
    assert len({fold_name(name) for name in names}) == len({fold_name(one.name) for one in library}) == 3_000


def test_there_are_words_for_fifty_thousand_events_and_not_for_any_number() -> None:
    assert MAX_EVENTS > 50_000 and MAX_PROPERTIES > 20_000
    with pytest.raises(ValueError, match="There are words for"):
        next(generate_events(Random(1), MAX_EVENTS + 1, []))
    with pytest.raises(ValueError, match="There are words for"):
        generate_properties(Random(1), MAX_PROPERTIES + 1)


def test_a_catalog_that_is_there_is_left_alone_unless_somebody_says_so() -> None:
    mine = EventFactory.create(name="Order Completed")
    with pytest.raises(CatalogExists, match="1 events already"):
        make()
    with pytest.raises(CommandError, match="--beside"):
        call_command("make_catalog", events=5, properties=5, sources=1, seen_names=1)
    assert list(Event.objects.all()) == [mine]
    call_command("make_catalog", events=5, properties=5, sources=1, seen_names=1, beside=True, verbosity=0)
    assert Event.objects.count() == 6


def test_a_size_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="at least one"):
        call_command("make_catalog", events=0)
    with pytest.raises(CommandError, match="There are words for"):
        call_command("make_catalog", events=10_000_000)
    assert not Property.objects.exists()


def test_the_pages_show_it(client_of) -> None:
    make()
    browser: Client = client_of(person("viewer"))
    event = Event.objects.filter(status=Status.LIVE, volume__gt=0)[0]
    for address in ("/", "/events/", event.get_absolute_url(), "/properties/", "/sources/", f"/search/?q={event.name}"):
        assert browser.get(address).status_code == 200, address
