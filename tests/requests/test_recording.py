"""What the recorder keeps of a checked batch, and what that costs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import VersionFrom
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import BROKEN, VALID, Cast, RequestFactory, arrive
from tracking.requests.evidence.recording.property_presence import present
from tracking.requests.evidence.recording.recorder import record_evidence
from tracking.requests.models import Evidence, EvidenceId, EvidenceProperty

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return Cast.of()


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_counts_ids_and_properties_of_the_second_verdict(cast):
    walk = RequestFactory.developed(cast=cast)
    arrive(
        walk.sources[0],
        walk.change.name,
        [VALID, {"total": 3}, BROKEN],
        environment="staging",
        app_version="2.0.0",
        people=[1, 2, 2],
    )
    row = Evidence.objects.get()
    assert (row.conforming, row.nonconforming, row.proving, row.app_version) == (2, 1, 2, "2.0.0")
    assert (row.stage, row.environment, row.round) == ("developed", "staging", 1)
    ids = EvidenceId.objects.order_by("id_hash").values_list("id_hash", "conforming", "nonconforming")
    assert list(ids) == [(1, 1, 0), (2, 1, 1)]
    assert dict(EvidenceProperty.objects.values_list("path", "count")) == {
        "/properties/total": 2,
        "/properties/coupon": 1,
    }


def test_a_second_batch_adds_to_the_first(cast):
    walk = RequestFactory.developed(cast=cast)
    first = timezone.now()
    for at in (first, first + timedelta(seconds=2)):
        arrive(walk.sources[0], walk.change.name, [VALID], environment="staging", app_version="2.0.0", at=at)
    rows = list(Evidence.objects.all())
    assert sum(row.conforming for row in rows) == 2
    assert (min(row.first_seen for row in rows), max(row.last_seen for row in rows)) == (
        first,
        first + timedelta(seconds=2),
    )


def test_repeats_count_nothing(cast):
    walk = RequestFactory.developed(cast=cast)
    batch = arrive(walk.sources[0], walk.change.name, [VALID], environment="staging", app_version="2.0.0")
    record_evidence(replace(batch, events=[replace(event, is_repeat=True) for event in batch.events]))
    assert Evidence.objects.get().conforming == 1


def test_the_cost_does_not_grow_with_the_batch(cast):
    walk = RequestFactory.developed(cast=cast)
    source, name = walk.sources[0], walk.change.name
    small = arrive(source, name, [VALID], environment="staging", app_version="2.0.0")
    large = arrive(source, name, [VALID] * 50, environment="staging", app_version="2.0.0", people=range(50))
    assert queries(lambda: record_evidence(small)) == queries(lambda: record_evidence(large)) <= 7


def test_a_batch_that_nobody_waits_for_costs_nothing(cast):
    source = SourceFactory.create(owner_team=cast.team)
    batch = arrive(source, "Order Completed", [VALID])
    assert queries(lambda: record_evidence(batch)) == 0


def test_in_production_only_what_is_held_against_the_version_counts(cast):
    source = SourceFactory.create(owner_team=cast.team)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="1.0.0")
    walk = RequestFactory.reviewed(
        cast=cast, event=first.event, sources=[source], document=definition(trigger="Once paid.")
    )
    walk.develop(app_version="2.0.0")
    arrive(source, walk.change.name, [VALID], app_version="1.5.0")
    assert not walk.delivery.evidence.exists()
    arrive(source, walk.change.name, [VALID], app_version="2.0.0")
    assert walk.delivery.evidence.get().app_version == "2.0.0"


def test_in_production_of_a_source_without_app_versions_every_event_is_tried(cast):
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    walk = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=definition(schema=wider))
    walk.develop(app_version="")
    batch = arrive(source, walk.change.name, [VALID, VALID | {"currency": "EUR"}])
    assert {event.version_id for event in batch.events} == {first.change.version.pk}
    row = walk.delivery.evidence.get()
    assert (row.conforming, row.proving) == (2, 1)


def test_an_event_of_an_unreadable_app_version_counts_but_reaches_nothing(cast):
    walk = RequestFactory.developed(cast=cast)
    arrive(walk.sources[0], walk.change.name, [VALID], environment="staging", app_version="(other)")
    assert walk.delivery.evidence.get().conforming == 1
    assert not EvidenceId.objects.exists()


def test_paths_of_a_definition_are_found_in_an_event():
    event = {"properties": {"items": [{"sku": 1}, {"size": None}], "meta": {"a": {"b": 1}}, "a/b": 2}, "traits": None}
    paths = [
        "/properties/items",
        "/properties/items/*/sku",
        "/properties/items/*/size",
        "/properties/items/*/colour",
        "/properties/meta/?/b",
        "/properties/meta/?/c",
        "/properties/a~1b",
        "/traits/name",
        "/properties/items/sku",
    ]
    assert present(event, paths) == [
        "/properties/items",
        "/properties/items/*/sku",
        "/properties/items/*/size",
        "/properties/meta/?/b",
        "/properties/a~1b",
    ]
