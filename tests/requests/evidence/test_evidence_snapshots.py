"""The samples that a signature pins: those that it counted, with the verdict that counted."""

from datetime import timedelta

import pytest

from catalog.choices import Environment, VersionFrom
from tests.factories.catalog import SourceFactory, create_write_key, definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, TeamFixture
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.requests.choices import DeliveryState
from tracking.requests.evidence.snapshots import SNAPSHOT_SAMPLES
from tracking.requests.models import EvidenceId
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.models import Sample
from tracking.traffic.privacy.pseudonyms import pseudonym

pytestmark = pytest.mark.django_db


@pytest.fixture
def lifecycle():
    return RequestFactory.developed(app_version="2.0.0")


def send_to_staging(lifecycle, *events):
    """Send events to the collector with the staging key, and let them be checked."""
    key = lifecycle.sources[0].write_keys.filter(environment=Environment.STAGING).first()
    post_batch(key or create_write_key(lifecycle.sources[0], Environment.STAGING), *events)
    process_inbox()


def by(user, *, version="2.0.0", properties=VALID_PAYLOAD, **fields):
    """An event of an app version, sent by somebody."""
    context = {"app": {"version": version}}
    return track_call("Order Completed", userId=user, context=context, properties=properties, **fields)


def pinned(lifecycle, ids=None):
    """Sign, and return the samples that the signature then carries."""
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=lifecycle.members.qa, ids=ids)
    return lifecycle.delivery.verifications.get().evidence["samples"]


def users(samples):
    return [sample["event"]["user_id"] for sample in samples]


def known(*ids):
    """These ids as they are pinned."""
    return [pseudonym(each) for each in ids]


def test_samples_are_those_of_the_chosen_ids(lifecycle):
    send_to_staging(lifecycle, by("ann"))
    ann = EvidenceId.objects.get().id_hash
    send_to_staging(lifecycle, *(by(f"bob-{number}", properties=INVALID_PAYLOAD) for number in range(SNAPSHOT_SAMPLES)))
    assert users(pinned(lifecycle, ids=[ann])) == known("ann")


def test_an_id_that_a_mask_hides_is_known_by_its_hash(lifecycle):
    send_to_staging(lifecycle, by("ann@example.com"), by("bob"))
    ann, masked = EvidenceId.objects.order_by("pk"), Sample.objects.order_by("pk").first()
    assert masked.masked == ["/user_id"]
    hidden = next(row.id_hash for row in ann if f"{row.id_hash & (2**64 - 1):016x}" in masked.event["user_id"])
    assert users(pinned(lifecycle, ids=[hidden])) == [masked.event["user_id"]]


def test_an_id_that_is_none_is_not_pinned(lifecycle):
    send_to_staging(lifecycle, by({"name": "Ann"}))
    assert Sample.objects.get().event["user_id"] == {"name": "Ann"}
    (sample,) = pinned(lifecycle)
    assert sample["event"]["user_id"] is None
    assert "/user_id" in sample["masked"]


def test_samples_of_older_app_versions_are_left_out(lifecycle):
    send_to_staging(
        lifecycle, by("ann"), by("bob", version="1.9.0"), by("cid", version="2.0.0-rc.1"), by("dan", version="junk")
    )
    assert users(pinned(lifecycle)) == known("cid", "ann")


def test_samples_of_repeats_and_of_what_came_before_are_left_out(lifecycle):
    once = by("ann")
    send_to_staging(lifecycle, once)
    send_to_staging(lifecycle, once, by("bob"))
    came_before = Sample.objects.get(event__user_id="bob")
    Sample.objects.filter(pk=came_before.pk).update(received_at=lifecycle.delivery.developed_at - timedelta(seconds=1))
    assert Sample.objects.filter(is_repeat=True).count() == 1
    assert users(pinned(lifecycle)) == known("ann")


def test_no_more_than_the_newest_are_pinned(lifecycle):
    send_to_staging(lifecycle, *(by(f"u{number}") for number in range(SNAPSHOT_SAMPLES + 2)))
    assert users(pinned(lifecycle)) == known(*(f"u{number}" for number in reversed(range(2, SNAPSHOT_SAMPLES + 2))))


def test_the_verdict_is_the_one_that_was_counted():
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(members=members, sources=[source], app_version="")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "total": {"type": ["number", "string"]}}}
    lifecycle = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=wider)
    )
    lifecycle.develop(app_version="")
    send_to_staging(lifecycle, by("ann", properties=VALID_PAYLOAD | {"total": "much"}))
    assert Sample.objects.get(event__user_id="ann").verdict == "nonconforming"
    (sample,) = pinned(lifecycle)
    assert (sample["verdict"], sample["violations"]) == ("conforming", [])
