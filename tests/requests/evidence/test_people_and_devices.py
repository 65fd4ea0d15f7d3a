"""One person is one: a device that was seen with a user in the same evidence is that user."""

from itertools import permutations

import pytest

from tests.factories.requests import VALID_PAYLOAD, RequestFactory, hash_of_person, ingest
from tracking.requests.evidence.summaries import production_evidence, staging_evidence, unknown_ids
from tracking.requests.models import EvidenceDevice
from tracking.traffic.privacy.pseudonyms import person_hash

pytestmark = pytest.mark.django_db

ANONYMOUS, LOGIN, USER_ALONE = (1, None), (1, "u1"), (None, "u1")


def send(lifecycle, *people, environment="production"):
    """Let an event of each (device, user) arrive, in one claim."""
    devices, users = zip(*people, strict=True)
    ingest(
        lifecycle.sources[0],
        lifecycle.change.name,
        [VALID_PAYLOAD] * len(people),
        app_version="2.0.0",
        environment=environment,
        person_ids=devices,
        user_ids=users,
    )


def people_of_proof(lifecycle):
    return production_evidence(lifecycle.delivery).ids


@pytest.mark.parametrize("order", list(permutations([ANONYMOUS, LOGIN, USER_ALONE])))
@pytest.mark.parametrize("in_one_claim", [True, False])
def test_a_device_is_its_user_whatever_came_first(order, in_one_claim):
    lifecycle = RequestFactory.tested()
    for people in [order] if in_one_claim else [[each] for each in order]:
        send(lifecycle, *people)
    assert people_of_proof(lifecycle) == 1
    send(lifecycle, *order)
    assert people_of_proof(lifecycle) == 1


def test_two_devices_of_one_user_and_a_stranger_are_two_people():
    lifecycle = RequestFactory.tested()
    send(lifecycle, (1, None), (2, None), (3, None))
    assert people_of_proof(lifecycle) == 3
    send(lifecycle, (1, "u1"), (2, "u1"))
    assert people_of_proof(lifecycle) == 2


@pytest.mark.parametrize("users", [("u1", "u2"), ("u2", "u1")])
def test_two_users_of_one_device_are_two_whoever_came_first(users):
    lifecycle = RequestFactory.tested()
    send(lifecycle, (1, None))
    for user in users:
        send(lifecycle, (1, user))
    assert people_of_proof(lifecycle) == 2
    hashes = [found for found in map(person_hash, ("u1", "u2")) if found is not None]
    assert EvidenceDevice.objects.get().user_hash == min(hashes)


def test_ids_that_mean_nothing_link_no_devices():
    lifecycle = RequestFactory.tested()
    send(lifecycle, (1, "null"), (2, "null"), (3, "undefined"))
    assert people_of_proof(lifecycle) == 3
    assert not EvidenceDevice.objects.exists()


def test_what_was_seen_in_other_evidence_links_nothing():
    lifecycle = RequestFactory.tested()
    send(lifecycle, (1, "u1"))
    EvidenceDevice.objects.update(stage="developed")
    send(lifecycle, (1, None), (4, "u1"))
    assert people_of_proof(lifecycle) == 2
    EvidenceDevice.objects.update(stage="tested", round=2)
    assert people_of_proof(lifecycle) == 2
    EvidenceDevice.objects.update(round=1)
    assert people_of_proof(lifecycle) == 1


def test_past_the_limit_devices_are_not_noted(settings):
    settings.EVIDENCE_IDS_KEPT = 2
    lifecycle = RequestFactory.tested()
    send(lifecycle, (1, "u1"), (2, "u1"), (3, "u1"))
    send(lifecycle, (4, "u1"))
    assert EvidenceDevice.objects.count() == 2


def test_qa_chooses_a_user_with_the_devices():
    lifecycle = RequestFactory.developed()
    send(lifecycle, (1, None), (1, "u1"), (2, None), environment="staging")
    user, stranger = person_hash("u1"), hash_of_person(2)
    assert staging_evidence(lifecycle.delivery, [user]).conforming == 2
    assert staging_evidence(lifecycle.delivery, [hash_of_person(1)]).conforming == 1
    assert staging_evidence(lifecycle.delivery, [user, stranger]).conforming == 3
    assert unknown_ids(lifecycle.delivery, [user, stranger, 7]) == [7]
