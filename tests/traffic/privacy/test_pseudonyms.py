"""Keyed hashes of ids: the same for the same id, and of one purpose alone."""

import pytest

from catalog.contract.usable_ids import id_text
from tracking.traffic.privacy.pseudonyms import keyed_hash, person_hash, pseudonym


def test_one_id_has_one_hash_and_two_have_two() -> None:
    assert person_hash("ann") == person_hash("ann") != person_hash("bob")
    assert pseudonym("ann") == pseudonym("ann") != pseudonym("bob")
    assert "ann" not in pseudonym("ann")


def test_hashes_of_one_purpose_say_nothing_of_another() -> None:
    assert keyed_hash("person", b"ann") != keyed_hash("event", b"ann")


def test_another_installation_has_other_hashes(settings) -> None:
    before = person_hash("ann")
    settings.SECRET_KEY = "another secret"
    assert person_hash("ann") != before


@pytest.mark.parametrize("value", [None, "", "  ", True, [], {}, {"id": 1}])
def test_what_is_no_id_has_none(value: object) -> None:
    assert (id_text(value), person_hash(value)) == ("", None)
