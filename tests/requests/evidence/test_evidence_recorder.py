"""What the recorder keeps of a checked batch, and what that costs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from msgspec import structs

from accounts.preconditions import UnmetConditionsError
from catalog.choices import VersionFrom
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, TeamFixture, hash_of_person, ingest
from tracking.requests.choices import DeliveryState
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.evidence.recording.property_presence import present_paths
from tracking.requests.evidence.recording.recorder import record_evidence
from tracking.requests.evidence.summaries import production_evidence, required_property_paths, staging_evidence
from tracking.requests.models import Evidence, EvidenceId, EvidenceProperty
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return TeamFixture.create()


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_counts_ids_and_properties_of_the_second_verdict(members):
    lifecycle = RequestFactory.developed(members=members)
    ingest(
        lifecycle.sources[0],
        lifecycle.change.name,
        [VALID_PAYLOAD, {"total": 3}, INVALID_PAYLOAD],
        environment="staging",
        app_version="2.0.0",
        person_ids=[1, 2, 2],
    )
    row = Evidence.objects.get()
    assert (row.conforming, row.nonconforming, row.proving, row.app_version) == (2, 1, 2, "2.0.0")
    assert (row.stage, row.environment, row.round) == ("developed", "staging", 1)
    ids = EvidenceId.objects.values_list("id_hash", "conforming", "nonconforming")
    assert set(ids) == {(hash_of_person(1), 1, 0), (hash_of_person(2), 1, 1)}
    assert dict(EvidenceProperty.objects.values_list("path", "count")) == {
        "/properties/total": 2,
        "/properties/coupon": 1,
    }


def test_a_second_batch_adds_to_the_first(members):
    lifecycle = RequestFactory.developed(members=members)
    first = timezone.now()
    for at in (first, first + timedelta(seconds=2)):
        ingest(
            lifecycle.sources[0],
            lifecycle.change.name,
            [VALID_PAYLOAD],
            environment="staging",
            app_version="2.0.0",
            at=at,
        )
    rows = list(Evidence.objects.all())
    assert sum(row.conforming for row in rows) == 2
    assert (min(row.first_seen for row in rows), max(row.last_seen for row in rows)) == (
        first,
        first + timedelta(seconds=2),
    )


def test_repeats_count_nothing(members):
    lifecycle = RequestFactory.developed(members=members)
    batch = ingest(
        lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0"
    )
    record_evidence(replace(batch, events=[structs.replace(event, is_repeat=True) for event in batch.events]))
    assert Evidence.objects.get().conforming == 1


def test_the_cost_does_not_grow_with_the_batch(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    small = ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    large = ingest(source, name, [VALID_PAYLOAD] * 50, environment="staging", app_version="2.0.0", person_ids=range(50))
    assert queries(lambda: record_evidence(small)) == queries(lambda: record_evidence(large)) <= 7


def test_a_batch_that_nobody_waits_for_costs_nothing(members):
    source = SourceFactory.create(owner_team=members.team)
    batch = ingest(source, "Order Completed", [VALID_PAYLOAD])
    assert queries(lambda: record_evidence(batch)) == 0


def test_in_production_only_what_is_held_against_the_version_counts(members):
    source = SourceFactory.create(owner_team=members.team)
    first = RequestFactory.live(members=members, sources=[source], app_version="1.0.0")
    lifecycle = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(trigger="Once paid.")
    )
    lifecycle.develop(app_version="2.0.0")
    ingest(source, lifecycle.change.name, [VALID_PAYLOAD], app_version="1.5.0")
    assert not lifecycle.delivery.evidence.exists()
    ingest(source, lifecycle.change.name, [VALID_PAYLOAD], app_version="2.0.0")
    assert lifecycle.delivery.evidence.get().app_version == "2.0.0"


def test_in_production_of_a_source_without_app_versions_every_event_is_tried(members):
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(members=members, sources=[source], app_version="")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    lifecycle = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=wider)
    )
    lifecycle.develop(app_version="")
    batch = ingest(source, lifecycle.change.name, [VALID_PAYLOAD, VALID_PAYLOAD | {"currency": "EUR"}])
    assert {event.version_id for event in batch.events} == {first.change.version.pk}
    row = lifecycle.delivery.evidence.get()
    assert (row.conforming, row.proving) == (2, 1)


def test_an_event_of_an_unreadable_app_version_counts_but_reaches_nothing(members):
    lifecycle = RequestFactory.developed(members=members)
    ingest(lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], environment="staging", app_version="(other)")
    assert lifecycle.delivery.evidence.get().conforming == 1
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
    assert present_paths(event, paths) == [
        "/properties/items",
        "/properties/items/*/sku",
        "/properties/items/*/size",
        "/properties/meta/?/b",
        "/properties/a~1b",
    ]


def test_what_was_received_before_it_was_developed_does_not_count_though_it_is_checked_after(members):
    lifecycle = RequestFactory.reviewed(members=members)
    before = timezone.now() - timedelta(minutes=1)
    lifecycle.develop()
    source, name = lifecycle.sources[0], lifecycle.change.name
    late = {"environment": "staging", "app_version": "2.0.0", "interval": timedelta(minutes=2)}
    ingest(source, name, [INVALID_PAYLOAD, VALID_PAYLOAD], at=before, person_ids=[1, 2], **late)
    row = Evidence.objects.get()
    assert (row.stage, row.conforming, row.nonconforming) == ("developed", 1, 0)
    assert list(EvidenceId.objects.values_list("id_hash", flat=True)) == [hash_of_person(2)]
    assert set(EvidenceProperty.objects.values_list("count", flat=True)) == {1}


def test_what_was_received_before_it_was_verified_proves_nothing_though_it_is_checked_after(members):
    lifecycle = RequestFactory.developed(members=members)
    before = timezone.now()
    lifecycle.verify()
    ingest(lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], app_version="2.0.0", at=before)
    assert production_evidence(lifecycle.delivery).events == 0
    ingest(lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], app_version="2.0.0")
    assert production_evidence(lifecycle.delivery).events == 1


def test_a_second_round_begins_without_what_the_first_one_was_sent(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    in_first_round = timezone.now()
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=members.qa, comment="Not like this.")
    lifecycle.develop()
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0", at=in_first_round)
    summary = staging_evidence(lifecycle.delivery)
    assert (lifecycle.delivery.round, summary.conforming, summary.seen_paths) == (2, 0, frozenset())


def test_a_proof_that_was_taken_back_is_not_given_again_by_what_was_received_before(members):
    lifecycle = RequestFactory.live(members=members)
    before = timezone.now()
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.analyst, comment="It counts twice.")
    ingest(lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], app_version="2.0.0", at=before)
    assert production_evidence(lifecycle.delivery).events == 0


def test_two_deliveries_loaded_together_keep_their_own_evidence(members):
    sources = [SourceFactory.create(owner_team=members.team) for _ in range(2)]
    lifecycle = RequestFactory.developed(members=members, sources=sources)
    name = lifecycle.change.name
    ingest(sources[0], name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    ingest(sources[1], name, [INVALID_PAYLOAD] * 2, environment="staging", app_version="2.0.0")
    first, second = lifecycle.deliveries
    move_delivery(second, DeliveryState.REVIEWED, by=members.qa, comment="Totals are texts.")
    lifecycle.develop(only=[second])
    ingest(sources[1], name, [{"total": 1}], environment="staging", app_version="2.0.0")
    first, second = lifecycle.deliveries
    loaded = LoadedEvidence([first, second])
    with CaptureQueriesContext(connection) as captured:
        summaries = [staging_evidence(delivery, loaded=loaded) for delivery in (first, second)]
    assert len(captured) == 2
    assert [(each.conforming, each.nonconforming) for each in summaries] == [(1, 0), (1, 0)]
    assert [sorted(each.seen_paths) for each in summaries] == [
        ["/properties/coupon", "/properties/total"],
        ["/properties/total"],
    ]


def test_a_property_that_one_source_does_not_have_is_needed_on_the_other_alone(members):
    shop, app = SourceFactory.create(owner_team=members.team), SourceFactory.create(owner_team=members.team)
    document = definition(per_source={app.slug: {"absent": ["coupon"]}})
    lifecycle = RequestFactory.developed(members=members, sources=[shop, app], document=document)
    needed = {delivery.source: required_property_paths(delivery) for delivery in lifecycle.deliveries}
    assert needed == {shop: ["/properties/total", "/properties/coupon"], app: ["/properties/total"]}
    for source in (shop, app):
        ingest(source, lifecycle.change.name, [{"total": 1}], environment="staging", app_version="2.0.0")
    on_shop, on_app = lifecycle.deliveries
    with pytest.raises(UnmetConditionsError):
        move_delivery(on_shop, DeliveryState.TESTED, by=members.qa)
    assert move_delivery(on_app, DeliveryState.TESTED, by=members.qa).state == DeliveryState.TESTED
