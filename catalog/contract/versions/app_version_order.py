"""App versions in order: which of two came later, by the way its source numbers them."""

import re
from datetime import UTC, datetime

SEMVER, BUILD, DATE = "semver", "build", "date"
"""The ways in which a source orders its app versions."""

MAX_LENGTH = 100
"""Longer texts are no app versions."""

MAX_PRERELEASE = 40
"""The longest pre-release part, which keeps every key under 300 characters."""

_SEMVER = re.compile(
    r"""v?
    (?P<numbers>[0-9]{1,10}(?:\.[0-9]{1,10}){0,3})
    (?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?
    (?:\+[0-9A-Za-z.-]+)?""",
    re.VERBOSE | re.ASCII,
)
_BUILD = re.compile(r"[0-9]{1,18}", re.ASCII)
_DATE = re.compile(r"(?P<year>[0-9]{4})(?P<gap>[-./]?)(?P<month>[0-9]{1,2})(?P=gap)(?P<day>[0-9]{1,2})", re.ASCII)
_COUNTER = re.compile(r"[.-](?P<counter>[0-9]{1,9})", re.ASCII)


def sort_key(text: str, scheme: str) -> str | None:
    """Return a text that sorts as app versions do, or None where the version cannot be read.

    Keys of one scheme compare as plain text, in Python and under any collation of a database: they are made
    of the digits 0 to 9 and the letters a to f. With `semver` (one to four numbers, a leading v allowed),
    pre-releases come before their release and build metadata does not count (semver.org, section 11); with
    `build` numbers are compared; with `date` days, times of day in UTC, and a counter behind the day.
    Raises ValueError for any other scheme.
    """
    if scheme not in _KEY_FUNCTIONS:
        raise ValueError(f"There is no order called {scheme!r}.")
    return _KEY_FUNCTIONS[scheme](text.strip()) if len(text) <= MAX_LENGTH else None


def without_prerelease(text: str) -> str:
    """Return the release that an app version leads to: 2.5.0 for 2.5.0-rc.1; any other text as it is.

    A single number needs a letter behind the hyphen (`3-beta`), so that a date stays a date.
    """
    found = _SEMVER.fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    if found is None or found["pre"] is None:
        return text
    if "." not in found["numbers"] and not found["pre"][0].isalpha():
        return text
    return found["numbers"]


def _semver_key(text: str) -> str | None:
    found = _SEMVER.fullmatch(text)
    if found is None or len(found["pre"] or "") > MAX_PRERELEASE:
        return None
    numbers = [int(number) for number in found["numbers"].split(".")]
    padded = "".join(f"{number:010d}" for number in (numbers + [0, 0, 0])[:4])
    if found["pre"] is None:
        return padded + "f"
    return padded + "0" + "!".join(_prerelease_identifier_key(part) for part in found["pre"].split(".")).encode().hex()


def _prerelease_identifier_key(part: str) -> str:
    """Return one identifier of a pre-release so that numbers come before words, and 9 before 10."""
    if part.isdecimal():
        digits = part.lstrip("0") or "0"
        return f"0{len(digits):02d}{digits}"
    return f"1{part}"


def _build_key(text: str) -> str | None:
    return f"{int(text):020d}" if _BUILD.fullmatch(text) else None


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
