"""App versions sort as their scheme says, and what cannot be read is told apart."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract.versions.app_version_order import (
    format_problem,
    read_formatted,
    sort_key,
    without_prerelease,
)

ORDERED = {
    "semver": [
        "1",
        "1.0.1",
        "v1.2",
        "1.10.0-alpha",
        "1.10.0-alpha.1",
        "1.10.0-alpha.beta",
        "1.10.0-beta.2",
        "1.10.0-beta.11",
        "1.10.0-rc.1",
        "1.10.0-rc.1 (9)",
        "1.10.0-rc.1+10",
        "1.10.0-rc.1.1",
        "1.10.0",
        "1.10.0+build.7",
        "1.10.0 (8)",
        "V1.10.0_9",
        "1.10(10)",
        "v1.10.0+421",
        "1.10.0 (build 1000)",
        "1.10.0 (Build 1001)",
        "1.10.0 build 1002",
        "1.10.0+Build.1003",
        "1.10.0+1003.0.6",
        "1.10.0 (1003.0.8)",
        "1.10.0_1003.0.10",
        "1.10.0 (build 1003.1)",
        "1.10.0+20261127.1",
        "1.10.0+20261127.2",
        "1.10.1",
        "2.4.1",
        "2.4.1.1",
        "10.0.0",
    ],
    "build": ["7", "42", "1042", "20260304"],
    "date": ["2025-12-31", "2026.1.2", "20260304", "2026-03-04.2", "2026-03-04-11"],
}
UNREADABLE = [
    ("", "semver"),
    ("latest", "semver"),
    ("1.2.3.4.5.6", "semver"),
    ("2.x", "semver"),
    ("١.٢", "semver"),
    ("9" * 19, "build"),
    ("1.0", "build"),
    ("-3", "build"),
    ("2026-02-30", "date"),
    ("2026134", "date"),
    ("x" * 1000, "semver"),
    ("2.5.0 (x)", "semver"),
    ("2.5.0_", "semver"),
    ("2.5.0 (421", "semver"),
    ("2.5.0 (1.2.3.4.5)", "semver"),
    ("2.5.0 (1.)", "semver"),
]


@pytest.mark.parametrize("scheme", ORDERED)
def test_versions_sort_in_their_order(scheme: str) -> None:
    for lower, higher in pairwise(ORDERED[scheme]):
        low, high = sort_key(lower, scheme), sort_key(higher, scheme)
        assert low is not None and high is not None
        assert low < high, (lower, higher)


@pytest.mark.parametrize(("text", "scheme"), UNREADABLE)
def test_what_cannot_be_read_is_none(text: str, scheme: str) -> None:
    assert sort_key(text, scheme) is None


def test_equal_versions_have_one_key() -> None:
    assert sort_key("2.5", "semver") == sort_key("v2.5.0+sha.1", "semver")


@pytest.mark.parametrize(
    "text", ["2.5.0 (421)", "2.5.0(421)", "2.5.0_421", "v2.5+421", "V2.5.0+build.421", "2.5 (0421)"]
)
def test_a_build_is_written_in_many_ways(text: str) -> None:
    assert sort_key(text, "semver") == sort_key("2.5.0+421", "semver")
    keys = [sort_key(each, "semver") for each in ("2.5.0", text, "2.5.0+422")]
    assert keys == sorted(filter(None, keys)) and len(set(keys)) == 3


@pytest.mark.parametrize("text", ["２.５.０", "2.5.0\u200b", "\ufeff2.5.0", "2.5\u2060.0", " 2.5.0\u00a0"], ids=ascii)
def test_what_nobody_sees_is_no_other_version(text: str) -> None:
    assert sort_key(text, "semver") == sort_key("2.5.0", "semver")
    assert without_prerelease(f"{text.strip()}-rc.1") == "2.5.0"


def test_keys_of_versions_without_a_build_are_what_they_were() -> None:
    """Bindings keep them in rows."""
    assert sort_key("2.5.0", "semver") == "0000000002" + "0000000005" + "0" * 20 + "f"
    assert sort_key("2.5.0+421", "semver") == "0000000002" + "0000000005" + "0" * 20 + "f" + "421".zfill(18)
    assert sort_key("2.5.0-rc.1", "semver") == "0000000002" + "0000000005" + "0" * 20 + "0" + b"1rc!0011".hex()


@pytest.mark.parametrize(
    ("text", "version_format", "plain"),
    [
        ("app-2.5.0", "app-{version}", "2.5.0"),
        ("MyApp/2.5.0 (421)", "MyApp/{version}", "2.5.0 (421)"),
        ("2.5.0-421", "{version}-{build}", "2.5.0+421"),
        ("2.5.0-rc.1-421", "{version}-{build}", "2.5.0-rc.1+421"),
        ("b421 of 2.5.0!", "b{build} of {version}!", "2.5.0+421"),
        ("421-2.5.0-rc.1", "{build}-{version}", "2.5.0-rc.1+421"),
        ("2.5.0", "app-{version}", "2.5.0"),
        ("app-", "app-{version}", "app-"),
        ("2.5.0", "{version}-{build}", "2.5.0"),
        ("2.5.0", "no place", "2.5.0"),
        ("2.5.0", "", "2.5.0"),
    ],
)
def test_a_source_says_what_it_writes_around_its_versions(text: str, version_format: str, plain: str) -> None:
    assert read_formatted(text, version_format) == plain


def test_a_format_names_the_version_once() -> None:
    assert not any(map(format_problem, ("", "{version}", "a{version}b", "{version}-{build}", "{build}:{version}")))
    for wrong in (
        "2.5",
        "{build}",
        "{version} {version}",
        "{version}{build}",
        "{build}{version}",
        "{version}{build}{build}",
    ):
        assert format_problem(wrong), wrong


def test_the_build_orders_where_builds_do() -> None:
    assert sort_key("2.5.0 (421)", "build", "{version} ({build})") == sort_key("421", "build")
    assert sort_key("2.5.0-421", "semver", "{version}-{build}") == sort_key("2.5.0+421", "semver")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_format_reads_any_text(text: str, version_format: str) -> None:
    assert read_formatted(text, version_format) is not None
    key = sort_key(text, "semver", version_format)
    assert key is None or len(key) < 300


def test_an_unknown_scheme_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no order"):
        sort_key("1", "alphabet")


def test_a_prerelease_leads_to_its_release() -> None:
    assert without_prerelease("2.5.0-rc.1") == "2.5.0"
    assert without_prerelease("2.5.0") == "2.5.0"
    assert without_prerelease("2.5.0-rc.1 (421)") == "2.5.0+421"
    assert without_prerelease("2.5.0 (421)") == "2.5.0 (421)"
    assert without_prerelease("nightly") == "nightly"


@given(st.text(), st.sampled_from(sorted(ORDERED)))
def test_any_text_is_read_or_refused(text: str, scheme: str) -> None:
    key = sort_key(text, scheme)
    assert key is None or (key.isascii() and "\0" not in key)


@given(st.tuples(*[st.integers(0, 10**9)] * 3), st.tuples(*[st.integers(0, 10**9)] * 3))
def test_numeric_parts_compare_as_numbers(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    first, second = (sort_key(".".join(map(str, parts)), "semver") for parts in (one, two))
    assert first is not None and second is not None
    assert (first < second) == (one < two)
