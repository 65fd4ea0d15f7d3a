"""The factories: what they send goes through the check, and a request can be of several teams, sources, deliveries."""

import pytest

from catalog.choices import Environment
from tests.factories.catalog import EventFactory, SourceFactory, analyst
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, hash_of_person, ingest
from tracking.quality.models import Finding
from tracking.requests.choices import DeliveryState, RequestState
from tracking.traffic.models import DedupKey, InboxBatch, RollupDelta, Sample

pytestmark = pytest.mark.django_db


def test_what_is_ingested_is_checked_counted_sampled_and_recorded():
    source = SourceFactory.create()
    event = EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    batch = ingest(source, event.name, [VALID_PAYLOAD, INVALID_PAYLOAD], app_version="2.0.0", person_ids=[7, None])
    assert [checked.result.verdict for checked in batch.events] == ["conforming", "nonconforming"]
    assert [checked.person_hash for checked in batch.events] == [hash_of_person(7), None]
    assert {checked.app_version for checked in batch.events} == {"2.0.0"}
    assert not InboxBatch.objects.exists()
    assert sum(RollupDelta.objects.values_list("count", flat=True)) == 2
    assert set(Finding.objects.values_list("rule", flat=True)) == {"type", "identity"}  # nobody is the second one's
    conforming = Sample.objects.get(verdict="conforming")
    assert conforming.event["properties"]["coupon"] == "XXXXXX"  # production hides what nobody declared
    assert DedupKey.objects.count() == 2


def test_a_request_across_teams_goes_the_whole_way_by_the_people_of_each():
    lifecycle = RequestFactory.across(teams=2, source_count=2)
    first, second = lifecycle.teams
    assert first.team != second.team
    assert {change.event.owner_team for change in lifecycle.changes} == {first.team, second.team}
    lifecycle.submit().approve(by=analyst())
    assert lifecycle.request.state == RequestState.REVIEWED
    owners = [delivery.source.owner_team for delivery in lifecycle.deliveries]
    assert owners == [first.team] * 2 + [second.team] * 2
    lifecycle.develop().verify()
    assert {delivery.developed_by for delivery in lifecycle.deliveries} == {first.developer, second.developer}
    lifecycle.prove()
    assert lifecycle.request.state == RequestState.LIVE
    assert {delivery.state for delivery in lifecycle.deliveries} == {DeliveryState.LIVE}


def test_a_request_of_one_event_may_have_a_second_source():
    lifecycle = RequestFactory.developed(source_count=2)
    ingest(lifecycle.sources[1], lifecycle.change.name, [VALID_PAYLOAD], environment=Environment.STAGING)
    evidence = [delivery.evidence.count() for delivery in lifecycle.deliveries]
    assert evidence == [0, 1]
