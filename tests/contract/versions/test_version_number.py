"""Numbers of versions come from the change, and order as numbers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import VersionBump, VersionNumber, next_version_number

NUMBERS = st.builds(VersionNumber, *[st.integers(0, 999_999_999)] * 3)


@pytest.mark.parametrize(
    ("parent", "change", "expected"),
    [
        (None, VersionBump.NONE, "1.0.0"),
        (None, VersionBump.MAJOR, "1.0.0"),
        ("1.2.3", VersionBump.NONE, "1.2.3"),
        ("1.2.3", VersionBump.PATCH, "1.2.4"),
        ("1.2.3", VersionBump.MINOR, "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
    ],
)
def test_the_next_number(parent, change, expected):
    assert str(next_version_number(VersionNumber.parse(parent) if parent else None, change)) == expected


def test_another_word_is_no_change():
    with pytest.raises(ValueError, match="huge"):
        next_version_number(VersionNumber(1, 0, 0), "huge")


@given(NUMBERS)
def test_text_and_back(number):
    assert VersionNumber.parse(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "1.2.-3", "1.2.3 ", "1.2." + "3" * 30, "١.٢.٣"]
)
def test_other_texts_are_no_numbers(text):
    with pytest.raises(ValueError, match="is not a version number"):
        VersionNumber.parse(text)


def test_order():
    assert sorted([VersionNumber(1, 10, 0), VersionNumber(1, 9, 9), VersionNumber(2, 0, 0)])[0] == VersionNumber(
        1, 9, 9
    )
