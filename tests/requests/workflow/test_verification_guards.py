"""What a delivery needs before it counts as developed or tested: an app version, and evidence from staging."""

from datetime import timedelta

import pytest

from accounts.preconditions import UnmetConditionsError
from catalog.choices import VersionFrom
from catalog.models import Property
from tests.factories.catalog import TOTAL_SCHEMA, EventFactory, PropertyFactory, SourceFactory, definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, hash_of_person, ingest
from tests.requests.workflow.guarded_steps import codes_of, verify
from tracking.requests.choices import DeliveryState
from tracking.requests.evidence.summaries import required_property_paths
from tracking.requests.models import EvidenceId
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("given", ["", "  ", "not a version", "1" * 101])
def test_an_app_version_is_given_and_can_be_read(members, given):
    lifecycle = RequestFactory.reviewed(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        move_delivery(lifecycle.delivery, DeliveryState.DEVELOPED, by=members.developer, app_version=given)
    assert codes_of(caught) == {"app_version"}


def test_a_source_without_app_versions_is_not_asked_for_one(members):
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    lifecycle = RequestFactory.reviewed(members=members, sources=[source]).develop(app_version="")
    assert lifecycle.delivery.state == DeliveryState.DEVELOPED


def test_nothing_arrived_is_no_evidence(members):
    lifecycle = RequestFactory.developed(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert codes_of(caught) == {"evidence", "properties"}


def test_evidence_is_of_the_app_version_or_later(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="1.9.0")
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="1.9.0")
    ingest(source, name, [VALID_PAYLOAD], app_version="2.0.0")  # production is no place to test
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert codes_of(caught) == {"evidence", "properties"}
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0-rc.1")
    assert verify(lifecycle).state == DeliveryState.TESTED


def test_each_property_that_was_added_is_seen(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [{"total": 1}], environment="staging", app_version="2.0.0")
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert "of anybody: coupon" in str(caught.value)
    assert codes_of(caught) == {"properties"}


def test_one_that_does_not_conform_stands_in_the_way_unless_its_id_was_not_chosen(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[7])
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[8])
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert codes_of(caught) == {"nonconforming"}
    with pytest.raises(UnmetConditionsError):
        verify(lifecycle, ids=[hash_of_person(7), hash_of_person(8)])
    assert verify(lifecycle, ids=[hash_of_person(7)]).state == DeliveryState.TESTED
    assert lifecycle.delivery.verifications.get().evidence["ids"] == [str(hash_of_person(7))]


def test_properties_are_those_of_all_ids_chosen_or_not(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [{"total": 1}], environment="staging", app_version="2.0.0", person_ids=[7])
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle, ids=[hash_of_person(7)])
    assert "of anybody: coupon" in str(caught.value)
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[8])
    assert verify(lifecycle, ids=[hash_of_person(7)]).state == DeliveryState.TESTED


def test_what_failed_before_it_was_developed_again_counts_no_more(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="2.0.0")
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=members.qa, comment="The total is a text.")
    lifecycle.develop(app_version="2.0.1")
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.1")
    assert verify(lifecycle).state == DeliveryState.TESTED


def test_only_what_an_update_adds_or_alters_must_be_seen(members):
    source = SourceFactory.create(owner_team=members.team)
    first = RequestFactory.live(members=members, sources=[source])
    schema = {
        "type": "object",
        "properties": {
            "total": TOTAL_SCHEMA | {"description": "In the currency of the shop."},
            "coupon": {"type": "string", "maxLength": 20},
            "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
            "shop": {"type": "string"},
        },
        "required": ["total"],
    }
    Property.objects.all().delete()
    PropertyFactory.create(name="shop", origin="enriched")
    document = definition(schema=schema, per_source={source.slug: {"absent": ["items"]}})
    lifecycle = RequestFactory.reviewed(members=members, event=first.event, sources=[source], document=document)
    assert required_property_paths(lifecycle.delivery) == ["/properties/coupon"]


def test_what_python_takes_for_the_same_is_altered_all_the_same(members):
    source = SourceFactory.create(owner_team=members.team)

    def document(values):
        return definition(schema={"type": "object", "properties": {"gift": {"enum": values}, "one": {"const": 1}}})

    event = EventFactory.create(owner_team=members.team, sources=[source], is_live=True, definition=document([0, 1]))
    lifecycle = RequestFactory.reviewed(
        members=members, event=event, sources=[source], document=document([False, True])
    )
    assert required_property_paths(lifecycle.delivery) == ["/properties/gift"]


def test_ids_past_the_bound_are_not_kept(members, settings):
    settings.EVIDENCE_IDS_KEPT = 3
    lifecycle = RequestFactory.developed(members=members)
    for people in (range(1, 6), range(4, 9), [1, 2, 3]):
        ingest(
            lifecycle.sources[0],
            lifecycle.change.name,
            [VALID_PAYLOAD] * 5,
            environment="staging",
            app_version="2.0.0",
            person_ids=people,
            interval=timedelta(microseconds=1),  # the first to come are kept
        )
    kept = dict(EvidenceId.objects.values_list("id_hash", "conforming"))
    assert kept == {hash_of_person(1): 3, hash_of_person(2): 3, hash_of_person(3): 2}
    assert lifecycle.delivery.evidence.get().conforming == 15


def test_an_id_past_the_bound_is_not_signed_for(members, settings):
    settings.EVIDENCE_IDS_KEPT = 1
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[7])
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[8])
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle, ids=[hash_of_person(person) for person in (7, 8, 8)])
    assert codes_of(caught) == {"ids"}
    assert f"chosen ids {hash_of_person(8)}:" in str(caught.value)
    assert verify(lifecycle, ids=[hash_of_person(7)]).state == DeliveryState.TESTED
