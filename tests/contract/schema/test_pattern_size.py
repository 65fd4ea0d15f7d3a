"""The size of a pattern: what it is made of once its counts are written out."""

import pytest

from catalog.contract.schema.pattern_size import pattern_size


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("", 0),
        ("aaa", 3),
        ("a{3}", 3),
        ("a{2,5}", 5),
        ("a{3,}", 3),
        ("a{3}{4}", 12),
        ("a{0}", 1),
        ("b(ab){2,5}c", 12),
        ("((a{0,30}){0,30}){0,30}", 27_000),
        ("(?i:ab){3}", 6),
        ("(?P<n>a){4}(?<m>b){2}", 6),
        ("(?i)ab", 3),
        ("(){50}", 50),
        (r"(\(a){2}\{3\}", 7),
        ("[]a]{3}", 3),
        (r"[\]a(]{3}", 3),
        (r"\p{Greek}{7}\x{41}{7}", 14),
        ("(a{999999999}){999999999}", 10**9),
    ],
)
def test_counts_are_written_out(pattern: str, size: int) -> None:
    assert pattern_size(pattern) == size
