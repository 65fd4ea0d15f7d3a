"""App versions in order: which of two came later, by the way its source numbers them."""

import re
from datetime import UTC, datetime

from catalog.contract.sensitive_keys import plain_text

SEMVER, BUILD, DATE = "semver", "build", "date"
"""The ways in which a source orders its app versions."""

MAX_LENGTH = 100
"""Longer texts are no app versions."""

MAX_PRERELEASE = 40
"""The longest pre-release part, which keeps every key under 300 characters."""

_DIGITS = r"[0-9]{1,18}(?:\.[0-9]{1,10}){0,3}"  # 421, and 2.5.0.421 as Apple's bundles write it
_SEMVER = re.compile(
    rf"""[vV]?
    (?P<numbers>[0-9]{{1,10}}(?:\.[0-9]{{1,10}}){{0,3}})
    (?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?
    (?:
        \+(?:[bB]uild[.-]?)?(?P<metadata>{_DIGITS})
        | \+[0-9A-Za-z.-]+
        | _(?P<suffix>{_DIGITS})
        | [ ]?\((?:[bB]uild[ ]?)?(?P<bracket>{_DIGITS})\)
        | [ ][bB]uild[ ](?P<word>{_DIGITS})
    )?""",
    re.VERBOSE | re.ASCII,
)
_BUILD = re.compile(r"[0-9]{1,18}", re.ASCII)
_DATE = re.compile(r"(?P<year>[0-9]{4})(?P<gap>[-./]?)(?P<month>[0-9]{1,2})(?P=gap)(?P<day>[0-9]{1,2})", re.ASCII)
_COUNTER = re.compile(r"[.-](?P<counter>[0-9]{1,9})", re.ASCII)


VERSION_PART, BUILD_PART = "{version}", "{build}"
"""The places of a format: what a source writes around its version, and where the build stands."""


def format_problem(version_format: str) -> str:
    """Return what is wrong with a source's format, in a sentence; "" where it can be used."""
    if not version_format:
        return ""
    if version_format.count(VERSION_PART) != 1 or version_format.count(BUILD_PART) > 1:
        return f"Name {VERSION_PART} once, and {BUILD_PART} once where a build is written, as in app-{VERSION_PART}."
    if f"{VERSION_PART}{BUILD_PART}" in version_format or f"{BUILD_PART}{VERSION_PART}" in version_format:
        return f"Something must stand between {VERSION_PART} and {BUILD_PART}, or nobody can tell them apart."
    return ""


def read_formatted(text: str, version_format: str) -> str:
    """Return an app version as the orders read it, of one that its source writes in a format of its own.

    `app-{version}` reads app-2.5.0 as 2.5.0, and `{version}-{build}` 2.5.0-421 as 2.5.0+421. What stands between the
    two may stand inside the version as well, never inside the build: 421-2.5.0-rc.1 is build 421. A text that is not
    written so is returned as it is. In linear time: a format is plain text but for its places.
    """
    if not version_format or format_problem(version_format):
        return text
    before, _, after = version_format.partition(VERSION_PART)
    if BUILD_PART in before:
        head, _, middle = before.partition(BUILD_PART)
        build, separator, version = _inner(text, head, after).partition(middle)
    elif BUILD_PART in after:
        middle, _, tail = after.partition(BUILD_PART)
        version, separator, build = _inner(text, before, tail).rpartition(middle)
    else:
        return _inner(text, before, after) or text
    return f"{version}+{build}" if separator and version and build else text


def _inner(text: str, head: str, tail: str) -> str:
    if len(text) < len(head) + len(tail) or not (text.startswith(head) and text.endswith(tail)):
        return ""
    return text[len(head) : len(text) - len(tail)]


def sort_key(text: str, scheme: str, version_format: str = "") -> str | None:
    """Return a text that sorts as app versions do, or None where the version cannot be read.

    Keys of one scheme compare as plain text, in Python and under any collation of a database: they are made
    of the digits 0 to 9 and the letters a to f. With `semver` (one to four numbers, a leading v allowed),
    pre-releases come before their release (semver.org, section 11), and then the build counts, unlike there: apps
    write 2.5.0 (421), 2.5.0_421 and 2.5.0+421, and their later builds come later. Other metadata does not count. With
    `build` numbers are compared; with `date` days, times of day in UTC, and a counter behind the day.
    Full-width characters are read as plain ones, and what nobody sees is left out.
    `version_format` is what the source writes around its versions (`read_formatted`). Raises ValueError for any other
    scheme.
    """
    if scheme not in _KEY_FUNCTIONS:
        raise ValueError(f"There is no order called {scheme!r}.")
    if len(text) > MAX_LENGTH:
        return None
    return _KEY_FUNCTIONS[scheme](read_formatted(plain_text(text).strip(), version_format))


def without_prerelease(text: str) -> str:
    """Return the release that an app version leads to: 2.5.0 for 2.5.0-rc.1; any other text as it is.

    Its build stays: 2.5.0+421 for 2.5.0-rc.1 (421). A single number needs a letter behind the hyphen (`3-beta`), so
    that a date stays a date.
    """
    found = _SEMVER.fullmatch(plain_text(text).strip()) if len(text) <= MAX_LENGTH else None
    if found is None or found["pre"] is None:
        return text
    if "." not in found["numbers"] and not found["pre"][0].isalpha():
        return text
    build = _build_of(found)
    return f"{found['numbers']}+{build}" if build else found["numbers"]


def _build_of(found: re.Match[str]) -> str:
    return found["metadata"] or found["suffix"] or found["bracket"] or found["word"] or ""


def _semver_key(text: str) -> str | None:
    found = _SEMVER.fullmatch(text)
    if found is None or len(found["pre"] or "") > MAX_PRERELEASE:
        return None
    numbers = [int(number) for number in found["numbers"].split(".")]
    padded = "".join(f"{number:010d}" for number in (numbers + [0, 0, 0])[:4])
    build = _build_of(found)
    build_key = _build_number_key(build) if build else ""
    if found["pre"] is None:
        return padded + "f" + build_key
    pre = "!".join(_prerelease_identifier_key(part) for part in found["pre"].split(".")).encode().hex()
    # Less than the "!" before a further identifier: rc.1 comes before rc.1 (421), and that before rc.1.1.
    return padded + "0" + pre + (f"20{build_key}" if build else "")


def _build_number_key(build: str) -> str:
    """Return a build so that 9 comes before 10, 388 before 388.0.6, and that before 388.0.10."""
    first, *others = build.split(".")
    return f"{int(first):018d}" + "".join(f"{int(number):010d}" for number in others)


def _prerelease_identifier_key(part: str) -> str:
    """Return one identifier of a pre-release so that numbers come before words, and 9 before 10."""
    if part.isdecimal():
        digits = part.lstrip("0") or "0"
        return f"0{len(digits):02d}{digits}"
    return f"1{part}"


def _build_key(text: str) -> str | None:
    build = text.rpartition("+")[2]  # of a source that writes a version beside it
    return f"{int(build):020d}" if _BUILD.fullmatch(build) else None


def _date_key(text: str) -> str | None:
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        moment = datetime(int(match["year"]), int(match["month"]), int(match["day"]), tzinfo=UTC)
        counter = "0"
        if rest := text[match.end() :]:
            counter_match = _COUNTER.fullmatch(rest)
            counter = counter_match["counter"] if counter_match else counter
            moment = moment if counter_match else _parse_utc(f"{moment:%Y-%m-%d}{rest}")
    except (ValueError, OverflowError):
        return None
    return f"{moment.year:04d}{moment:%m%d%H%M%S}{int(counter):010d}"


def _parse_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_KEY_FUNCTIONS = {SEMVER: _semver_key, BUILD: _build_key, DATE: _date_key}
