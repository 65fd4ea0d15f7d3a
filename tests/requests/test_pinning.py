"""The samples that a signature pins: those that it counted, with the verdict that counted."""

from datetime import timedelta

import pytest

from catalog.choices import Environment, VersionFrom
from tests.factories.catalog import SourceFactory, definition, key_of
from tests.factories.requests import BROKEN, VALID, Cast, RequestFactory
from tests.factories.traffic import check_all, send, track
from tracking.requests.choices import DeliveryState
from tracking.requests.evidence.snapshots import SAMPLES_PINNED
from tracking.requests.models import EvidenceId
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.models import Sample
from tracking.traffic.privacy.pseudonyms import shown_hash

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk():
    return RequestFactory.developed(app_version="2.0.0")


def come(walk, *events):
    """Send events to the collector with the staging key, and let them be checked."""
    key = walk.sources[0].write_keys.filter(environment=Environment.STAGING).first()
    send(key or key_of(walk.sources[0], Environment.STAGING), *events)
    check_all()


def by(user, *, version="2.0.0", properties=VALID, **fields):
    """An event of an app version, sent by somebody."""
    context = {"app": {"version": version}}
    return track("Order Completed", userId=user, context=context, properties=properties, **fields)


def pinned(walk, ids=None):
    """Sign, and return the samples that the signature then carries."""
    move_delivery(walk.delivery, DeliveryState.TESTED, by=walk.cast.qa, ids=ids)
    return walk.delivery.verifications.get().evidence["samples"]


def users(samples):
    return [sample["event"]["user_id"] for sample in samples]


def known(*ids):
    """These ids as they are pinned."""
    return [shown_hash(each) for each in ids]


def test_samples_are_those_of_the_chosen_ids(walk):
    come(walk, by("ann"))
    ann = EvidenceId.objects.get().id_hash
    come(walk, *(by(f"bob-{number}", properties=BROKEN) for number in range(SAMPLES_PINNED)))
    assert users(pinned(walk, ids=[ann])) == known("ann")


def test_an_id_that_a_mask_hides_is_known_by_its_hash(walk):
    come(walk, by("ann@example.com"), by("bob"))
    ann, masked = EvidenceId.objects.order_by("pk"), Sample.objects.order_by("pk").first()
    assert masked.masked == ["/user_id"]
    hidden = next(row.id_hash for row in ann if f"{row.id_hash & (2**64 - 1):016x}" in masked.event["user_id"])
    assert users(pinned(walk, ids=[hidden])) == [masked.event["user_id"]]


def test_an_id_that_is_none_is_not_pinned(walk):
    come(walk, by({"name": "Ann"}))
    assert Sample.objects.get().event["user_id"] == {"name": "Ann"}
    (sample,) = pinned(walk)
    assert sample["event"]["user_id"] is None
    assert "/user_id" in sample["masked"]


def test_samples_of_older_app_versions_are_left_out(walk):
    come(walk, by("ann"), by("bob", version="1.9.0"), by("cid", version="2.0.0-rc.1"), by("dan", version="junk"))
    assert users(pinned(walk)) == known("cid", "ann")


def test_samples_of_repeats_and_of_what_came_before_are_left_out(walk):
    once = by("ann")
    come(walk, once)
    come(walk, once, by("bob"))
    came_before = Sample.objects.get(event__user_id="bob")
    Sample.objects.filter(pk=came_before.pk).update(received_at=walk.delivery.developed_at - timedelta(seconds=1))
    assert Sample.objects.filter(is_repeat=True).count() == 1
    assert users(pinned(walk)) == known("ann")


def test_no_more_than_the_newest_are_pinned(walk):
    come(walk, *(by(f"u{number}") for number in range(SAMPLES_PINNED + 2)))
    assert users(pinned(walk)) == known(*(f"u{number}" for number in reversed(range(2, SAMPLES_PINNED + 2))))


def test_the_verdict_is_the_one_that_was_counted():
    cast = Cast.of()
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "total": {"type": ["number", "string"]}}}
    walk = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=definition(schema=wider))
    walk.develop(app_version="")
    come(walk, by("ann", properties=VALID | {"total": "much"}))
    assert Sample.objects.get(event__user_id="ann").verdict == "nonconforming"
    (sample,) = pinned(walk)
    assert (sample["verdict"], sample["violations"]) == ("conforming", [])
