"""Detects texts and numbers that look like personal data or like a secret.

A new kind is added where it can be recognised: by the key in `sensitive_keys`, by the text itself as a pattern in
`_find` here, which must take linear time and applies to values, ids and keys alike.

Masking decides what hides: first a word that is declared around the value or of it; then its key, if that looks
sensitive, which hides everything below it; then production, which hides the rest; then the text. A key that looks
personal itself is hidden unless the definition names that key.

Samples that are already stored are not masked again: a new kind applies to events that arrive from then on.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from catalog.contract.card_numbers import find_card_numbers, is_written_card, may_be_card
from catalog.contract.empty_values import holds_nothing
from catalog.contract.network_addresses import find_ip_addresses, is_ip_address, may_be_version
from catalog.contract.path_tokens import find_path_tokens, looks_opaque
from catalog.contract.phone_numbers import find_phone_numbers
from catalog.contract.secret_texts import find_secret_texts
from catalog.contract.sensitive_keys import MAX_INSPECTED_CHARACTERS, is_secret_key, is_sensitive_key, plain_text

MIN_TOKEN_LENGTH = 8
MIN_NUMBER_LENGTH = 13
"""How long a text is at least that holds the number of a card or of a bank account (of 15)."""

# Every quantifier that can meet the one after it is bounded: no pattern takes more than linear time.
_EMAIL = re.compile(r"[^\s@/?&=#<>()\[\]]{1,64}(?:@|%(?:25){0,4}40)[^\s@./?&=#]{1,63}\.[^\s@?&=#/,;<>()\[\]]{2,63}")
_ANY_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}\.[^\s@]{2}")
# What looks like the host of an address and is none: the version of a package (`vue@3.4.21`), the scale of a picture
# (`logo@2x.png`).
_NO_HOST = re.compile(
    r"(?:[vV]?\d{1,9}(?:\.\d{1,9}){1,2}|[1-4](?:\.\d)?x\.(?:png|jpe?g|gif|webp|svg|avif|bmp))(?!\.?\w)"
)
_DIGIT = re.compile(r"\d")
# Numbers that are not given out are left alone: the Social Security Administration has no area 000, 666 or 9xx.
_US_SSN = re.compile(r"\d{3}-(?!00)\d\d-(?!0000)\d{4}(?<![\w.+-].{11})(?<!(?:000|666|9\d\d).{8})(?![\w-]|\.\d)")
_IBAN_SEPARATOR = r"(?: |-|\.|_|%20)?"
_IBAN = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}\d{{2}}(?:{_IBAN_SEPARATOR}[A-Za-z0-9]){{11,30}}(?![A-Za-z0-9])", re.ASCII
)
_IBAN_CHARACTER = re.compile(rf"{_IBAN_SEPARATOR}([A-Za-z0-9])")
_IBAN_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "FO", "GL", "NL"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "OM", "SO", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("LY", "PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "GT", "HU", "LB", "NI", "PL", "SV"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU", "YE"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
    **dict.fromkeys(("LC",), 32),
    **dict.fromkeys(("RU",), 33),
}
"""How long an IBAN is, by its country (ISO 13616)."""
_PARAMETER = re.compile(r"[?&#;]([\w.%\[\]-]{1,60})=([^&#\s\"'<>;]{1,500})")
# Parameters that have many values, of which those that a program drew open something: an OAuth code, a signature, the
# session of somebody who signed in, a link that works once (`otl`, `oobCode`) or for all who have it (`share`).
_OPENING_PARAMETERS = frozenset(
    {
        *("code", "key", "sig", "ticket", "auth", "sid", "sessionid", "phpsessid", "jsessionid", "connect.sid"),
        *("otl", "ott", "magic", "invite", "share", "bearer"),
    }
)
# The same of several words, however they are joined: `device_code`, `deviceCode`, `device-code`.
_OPENING_NAMES = frozenset(
    {
        *("devicecode", "authcode", "accesscode", "logincode", "onetimecode", "oobcode", "codeverifier"),
        *("invitecode", "joincode", "sharecode", "sharekey", "sharelink", "resourcekey", "magiclink", "onetimelink"),
        *("casticket", "samlart", "samlresponse"),
    }
)
MIN_DRAWN_LENGTH = 16
# Of an address inside an address: `/login?next=%2Freset%3Ftoken%3Dabc`.
_ENCODED_PARAMETER = re.compile(
    r"%(?:25){0,4}(?:3[Ff]|26|23)([\w.\[\]-]{1,60})%(?:25){0,4}3[Dd]([^&#\s\"'<>;%]{1,500})"
)


class PersonalData(StrEnum):
    """What a text may hold, in the words in which people are told."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    ADDRESS = "address"
    NATIONAL_ID = "national_id"
    PERSONAL = "personal"
    TOKEN = "token"  # noqa: S105  a kind, no password

    @property
    def is_secret(self) -> bool:
        """Whether it opens something, so that nobody at all may read it."""
        return self is PersonalData.TOKEN

    @property
    def description(self) -> str:
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    PersonalData.EMAIL: "an email address",
    PersonalData.PHONE: "a phone number",
    PersonalData.CARD: "a card number",
    PersonalData.IBAN: "a bank account number (IBAN)",
    PersonalData.ADDRESS: "an IP address",
    PersonalData.NATIONAL_ID: "a social security number",
    PersonalData.PERSONAL: "personal data, as its key says",
    PersonalData.TOKEN: "a secret, such as a token or a key",
}


class FoundData(NamedTuple):
    """Where personal data or a secret stands in a text."""

    start: int
    end: int
    kind: PersonalData


def is_sensitive_text(text: str) -> bool:
    """Tell whether a text holds personal data or a secret, or is too long to be inspected."""
    return len(text) > MAX_INSPECTED_CHARACTERS or next(_find(plain_text(text)), None) is not None


def is_sensitive_number(value: float) -> bool:
    """Tell whether a number is that of a card: one of 14 to 16 digits, since many other numbers are longer."""
    if isinstance(value, float):
        value = int(value) if value.is_integer() and value < 1e16 else 0
    return 10**13 <= value < 10**16 and may_be_card(str(value))


def find_personal_data(text: str) -> list[FoundData]:
    """Return what a text holds of personal data and secrets, in order and without overlaps.

    What overlaps is one place, a secret if any of it is: `?token=4111111111111111abc` holds no card number with the end
    of a secret behind it. The first `MAX_INSPECTED_CHARACTERS` are inspected, and the places are those in the plain
    text of these: one character may stand for many plain ones.
    """
    found: list[FoundData] = []
    for each in sorted(_find(inspected_text(text))):
        if not found or each.start >= found[-1].end:
            found.append(each)
            continue
        last = found[-1]
        kind = each.kind if each.kind.is_secret else last.kind
        found[-1] = FoundData(last.start, max(last.end, each.end), kind)
    return found


def holds_only_addresses(text: str) -> bool:
    """Tell whether all that a text holds are IP addresses, as which versions may be written."""
    return {found.kind for found in find_personal_data(text)} == {PersonalData.ADDRESS}


def inspected_text(text: str) -> str:
    """Return the plain text of the part of a text that is inspected."""
    return plain_text(text[:MAX_INSPECTED_CHARACTERS])


def kind_of_text(text: str) -> PersonalData | None:
    """Return what a text holds: a secret if there is one, else the first personal data; None where it holds neither.

    This is told to people, so that a card number must stand by itself (in a longer row of digits, where one may hide,
    every tenth number looks like one), and four numbers below 100 are as likely a version as an address. What is not
    told hides nothing of another kind: of `?phone=4915112345678` the key says what the number is, whatever else it
    looks like.
    """
    plain = inspected_text(text)
    kinds: list[PersonalData] = []
    ends: dict[PersonalData, int] = {}
    for found in sorted(_find(plain)):
        if found.start >= ends.get(found.kind, 0):
            ends[found.kind] = found.end
            if _is_told(plain, found):
                kinds.append(found.kind)
    return next((kind for kind in kinds if kind.is_secret), kinds[0] if kinds else None)


def _is_told(plain: str, found: FoundData) -> bool:
    if found.kind is PersonalData.CARD:
        return is_written_card(plain, found.start, found.end)
    is_whole = found.end - found.start == len(plain)
    return found.kind is not PersonalData.ADDRESS or not (is_whole and may_be_version(plain))


def kind_of_value(value: object) -> PersonalData | None:
    """Return what a JSON value holds by itself: of texts see `kind_of_text`; a number may be that of a card."""
    if isinstance(value, str):
        return kind_of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and is_sensitive_number(value):
        digits = str(int(value))
        return PersonalData.CARD if is_written_card(digits, 0, len(digits)) else None
    return None


def _find(text: str) -> Iterator[FoundData]:
    """Yield what a plain text holds, the cheapest to find first."""
    if "@" in text or ("%" in text and "40" in text):
        matches = _emails(_EMAIL, text) or _emails(_ANY_EMAIL, text)
        yield from (FoundData(*match.span(), PersonalData.EMAIL) for match in matches)
    if len(text) >= MIN_TOKEN_LENGTH:
        yield from (FoundData(*span, PersonalData.TOKEN) for span in find_secret_texts(text))
    if "=" in text or "%" in text:
        for match in chain(_PARAMETER.finditer(text), _ENCODED_PARAMETER.finditer(text)):
            if is_sensitive_key(match[1]) and not holds_nothing(match[2], match[1]):
                is_secret = is_secret_key(match[1])
                yield FoundData(*match.span(2), PersonalData.TOKEN if is_secret else PersonalData.PERSONAL)
            elif _is_opening_parameter(match[1].lower()) and _is_drawn(match[2]):
                yield FoundData(*match.span(2), PersonalData.TOKEN)
    if "/" in text or "%2" in text:
        yield from (FoundData(*span, PersonalData.TOKEN) for span in find_path_tokens(text))
    if not _DIGIT.search(text):
        return
    if "+" in text or text[0] in "0(":
        yield from (FoundData(*span, PersonalData.PHONE) for span in find_phone_numbers(text))
    if text.count(".") > 2 or text.count(":") > 1:
        if is_ip_address(text):
            yield FoundData(0, len(text), PersonalData.ADDRESS)
        else:
            yield from (FoundData(*span, PersonalData.ADDRESS) for span in find_ip_addresses(text))
    if text.count("-") > 1:
        yield from (FoundData(*match.span(), PersonalData.NATIONAL_ID) for match in _US_SSN.finditer(text))
    if len(text) < MIN_NUMBER_LENGTH:
        return
    yield from (FoundData(*span, PersonalData.CARD) for span in find_card_numbers(text))
    for match in _IBAN.finditer(text):
        if end := _iban_end(match[0]):
            yield FoundData(match.start(), match.start() + end, PersonalData.IBAN)


def _is_opening_parameter(name: str) -> bool:
    return name in _OPENING_PARAMETERS or name.replace("_", "").replace("-", "") in _OPENING_NAMES


def _is_drawn(value: str) -> bool:
    """Tell whether a program drew the value of a parameter, in base64 perhaps, as it is or encoded for an address."""
    return looks_opaque(value.rstrip("=").replace("/", "-"), min_length=MIN_DRAWN_LENGTH)


def _emails(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [
        match
        for match in pattern.finditer(text)
        if not _names_file_or_package(match) and not _is_user_of_address(match)
    ]


def _names_file_or_package(match: re.Match[str]) -> bool:
    """Tell whether what looks like an email address is the version of a package or a picture in a larger scale."""
    name, separator, _ = match[0].partition("@")
    host = match.start() + len(name) + 1
    return bool(separator) and not name.endswith("/") and _NO_HOST.match(match.string, host) is not None


def _is_user_of_address(match: re.Match[str]) -> bool:
    """Tell whether what looks like an email address is a user, a password and a host: `https://user:***@host/`."""
    before = match.string[max(0, match.start() - 3) : match.start()] + match[0].partition("@")[0]
    _, scheme_end, user = before.rpartition("://")
    return bool(scheme_end) and ":" in user


def _iban_end(text: str) -> int:
    """Return where an IBAN ends that a text begins with; 0 where its check digits are wrong (ISO 7064, MOD 97-10).

    Hyphens stand between all of its groups or between none: of random ids as UUIDs are, one in 8,000 passes else.
    """
    length, digits = _IBAN_LENGTHS.get(text[:2].upper(), 0), ""
    separators = set()
    for character in _IBAN_CHARACTER.finditer(text):
        if len(digits) % 4 and len(character[0]) > 1:
            return 0  # it is written in groups of four
        if digits and len(digits) % 4 == 0:
            separators.add(character[0][:-1])
        digits += character[1]
        if "-" in separators and len(separators) > 1:
            return 0
        if len(digits) == length:
            following = text[character.end() : character.end() + 1]
            number = "".join(str(int(each, 36)) for each in digits[4:] + digits[:4])
            return 0 if following.isalnum() or int(number) % 97 != 1 else character.end()
    return 0
