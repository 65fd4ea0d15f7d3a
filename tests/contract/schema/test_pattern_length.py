"""How long the texts of a pattern are, held against what the validator's own engine matches."""

from itertools import product

import pytest

from catalog.contract.schema.pattern_length import UNBOUNDED, pattern_length, with_pattern_lengths
from catalog.contract.schema.validator import pattern_matcher

TEXTS = ["".join(letters) for length in range(6) for letters in product("ab-", repeat=length)]
OTHER_TEXTS = ["\n", "a\n", "😀", "e\u0301", "a" * 30, "b" * 9, "2026-03-14"]


@pytest.mark.parametrize(
    ("pattern", "length"),
    [
        ("^[a-z]{3}$", (3, 3)),
        ("^(?:a|bb){2,3}x?$", (2, 7)),
        ("^(a|)$", (0, 1)),
        ("^$", (0, 0)),
        (r"^\d{4}-\d{2}$", (7, 7)),
        ("^(?P<day>a{2}|b)*$", (0, UNBOUNDED)),
        ("abc", (3, UNBOUNDED)),
        ("^a|bb$", (1, UNBOUNDED)),
        ("^a$|^bbb$", (1, UNBOUNDED)),
        ("^.{3,}$", (3, UNBOUNDED)),
        (r"^[\w.-]+@x\.eu$", (6, UNBOUNDED)),
        ("^a{1000}{1000}{1000}{1000}$", (UNBOUNDED, UNBOUNDED)),
        ("^?a$", (1, UNBOUNDED)),
        ("^{0}$", (0, UNBOUNDED)),
        ("", (0, UNBOUNDED)),
    ],
)
def test_the_length_of_what_a_pattern_matches(pattern, length):
    assert pattern_length(pattern) == length


@pytest.mark.parametrize(
    "pattern",
    [r"\u0041", r"\x41", r"\p{L}", r"\pL", "(?i)abc", "(?x)a b", "(?:(?s).)", "[a-z&&[aeiou]]", "[[:alpha:]]", "x{,5}"]
    + ["[^]]", "(", ")", "*", r"\cA", "[a--b]", "(" * 400 + "a", "a{99999}"],
)
def test_what_is_not_read_has_no_length(pattern):
    assert pattern_length(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    ["^a+?b$", "(a|b-)+", "^(a|^b)$", r"\ba", "^[^a]{2}$", "^.$", "^(a{2}){2}$", "a?b?", "^a|^b", "(^a$)", "^(a|b$)"]
    + ["^*a$", "^+a$", "^??a$", "^a$$", "^^a$", "^[-ab]$", r"^\D{2}$", "^()*$", "(|a)(b|)"],
)
def test_no_text_that_matches_is_shorter_or_longer(pattern):
    shortest, longest = pattern_length(pattern)
    matched = [text for text in (*TEXTS, *OTHER_TEXTS) if pattern_matcher(pattern)(text)]
    assert matched
    assert all(shortest <= len(text) <= longest for text in matched)


def test_lengths_stand_beside_each_pattern_and_narrow_what_is_there():
    schema = {
        "properties": {"a": {"pattern": "^ab?$"}, "b": {"not": {"pattern": "^a$"}, "pattern": "abc", "minLength": 9}}
    }
    assert with_pattern_lengths(schema)["properties"] == {
        "a": {"pattern": "^ab?$", "minLength": 1, "maxLength": 2},
        "b": {"not": {"pattern": "^a$", "minLength": 1, "maxLength": 1}, "pattern": "abc", "minLength": 9},
    }
