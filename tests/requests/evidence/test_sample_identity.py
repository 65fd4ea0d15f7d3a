"""Whose a stored event is: one answer for the documenting lane, the proof and the QA console."""

import pytest

from catalog.contract import Event
from tracking.requests.evidence.observed_traffic import _distinct_id_count
from tracking.requests.evidence.samples.sample_identity import person_hash_of, person_id_of
from tracking.traffic.check.check_results import person_hash_of_event
from tracking.traffic.models import Sample
from tracking.traffic.privacy.masking import mask_event
from tracking.traffic.privacy.pseudonyms import person_hash


def sample(**event):
    return Sample(event=event, masked=[])


def masked(**event):
    """The sample as production keeps it."""
    kept = mask_event(Event(call="track", **event), is_production=True, sensitivity_by_path={})
    return Sample(event=kept.event, masked=list(kept.paths))


ONE_USER = [{"user_id": "u1", "anonymous_id": f"d{number}"} for number in range(5)]
DEVICE_BEFORE_LOGIN = [{"anonymous_id": "d1"}, {"user_id": "u1", "anonymous_id": "d1"}, {"user_id": "u1"}]
FIVE_USERS = [{"user_id": f"u{number}", "anonymous_id": "d1"} for number in range(5)]
MIXED = [
    {"user_id": "u1"},
    {"anonymous_id": "d1"},
    {"user_id": " ", "anonymous_id": "d1"},
    {"user_id": 7},
    {"user_id": "7"},
]


@pytest.mark.parametrize("keep", [sample, masked])
@pytest.mark.parametrize(("events", "count"), [(ONE_USER, 1), (FIVE_USERS, 5), (MIXED, 3)])
def test_the_documenting_lane_counts_whom_the_proof_counts(keep, events, count):
    samples = [keep(**event) for event in events]
    proof = {person_hash_of_event(Event(call="track", **event)) for event in events}
    assert (len(proof), {person_hash_of(row) for row in samples}) == (count, proof)
    assert _distinct_id_count(samples) == count


@pytest.mark.parametrize("nobody", [{}, {"user_id": ""}, {"user_id": True, "anonymous_id": []}, {"anonymous_id": None}])
def test_what_names_nobody_counts_as_one(nobody):
    assert (person_id_of(sample(**nobody)), person_hash_of(sample(**nobody))) == ("", None)
    assert _distinct_id_count([sample(**nobody), sample(), sample(user_id="u1")]) == 2


def test_the_console_names_whom_the_proof_counts():
    row = sample(user_id=" ", anonymous_id="d1")
    assert person_id_of(row) == "d1"
    assert person_hash_of(row) == person_hash("d1")


@pytest.mark.parametrize("keep", [sample, masked])
def test_a_device_that_was_seen_with_a_user_is_that_user(keep):
    for events in (DEVICE_BEFORE_LOGIN, DEVICE_BEFORE_LOGIN[::-1]):
        assert _distinct_id_count([keep(**event) for event in events]) == 1
    strangers = [{"anonymous_id": "d1"}, {"user_id": "u1"}, {"user_id": "null", "anonymous_id": "d2"}]
    assert _distinct_id_count([keep(**event) for event in strangers]) == 3
