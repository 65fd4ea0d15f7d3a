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
from itertools import accumulate, chain
from typing import NamedTuple

from catalog.contract.network_addresses import find_ip_addresses, is_ip_address
from catalog.contract.path_tokens import find_path_tokens, looks_opaque
from catalog.contract.phone_numbers import find_phone_numbers, is_article_number
from catalog.contract.sensitive_keys import MAX_INSPECTED_CHARACTERS, is_sensitive_key, plain_text

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
_DIGIT_RUN = re.compile(r"\d(?:[ -]?\d){12,}")
# Not between other letters or digits, nor as a part of a path, a version or a longer row of groups; a word may stand
# before or after it with `_` between.
_CARD_SEPARATOR = r"[._/+·•]|[^\S\r\n]{1,3}|[^\S\r\n]?-[^\S\r\n]?|%(?:25){0,2}(?:20|2[Dd])"
_OTHERWISE_GROUPED_CARD = re.compile(
    r"\d{4}(?<![^\W_].{4})(?<![./-].{4})(?<!\d_.{4})"
    rf"({_CARD_SEPARATOR})(?:\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{3}})?|\d{{6}}\1\d{{4,5}})"
    r"(?![^\W_]|[/-]|[._]\d)"
)
_UUID = re.compile(r"(?<![\da-fA-F])[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}(?![\da-fA-F])")
_CARD_GROUPS = ((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4))
"""How card numbers are written in groups."""
# What card numbers begin with, and how many digits they then have.
_CARD_LENGTHS = (
    (re.compile(r"(?=4)"), (13, 16, 19)),
    (re.compile(r"(?=5|6)"), (16, 17, 18, 19)),
    (re.compile(r"(?=3[47])"), (15,)),
    (re.compile(r"(?=3[0689])"), (14, 16, 17, 18, 19)),
    (re.compile(r"(?=35)"), (16, 17, 18, 19)),
    (re.compile(r"(?=220[0-4])"), (16, 17, 18, 19)),  # Mir
    (re.compile(r"(?=2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))"), (16,)),
)
# Numbers that are not given out are left alone: the Social Security Administration has no area 000, 666 or 9xx.
_US_SSN = re.compile(r"\d{3}-(?!00)\d\d-(?!0000)\d{4}(?<![\w.+-].{11})(?<!(?:000|666|9\d\d).{8})(?![\w-]|\.\d)")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
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
# What the keys of vendors begin with. Tried where a word begins, so that a text costs little.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:Bearer\s+\S{1,500}|Basic\s+[\w+/=]{8,500}|-----BEGIN[A-Z ]{0,40}|"
    r"(?:(?:sk|rk|pk)_(?:live|test)_\w|gh[pousr]_\w{10}|github_pat_\w{10}|xox[abceoprs]-|xapp-\d|xwfp-|"
    r"gl(?:pat|ptt|rt|dt|soat|cbt|ft|imt|agent)-[\w-]{10}|AIza[\w-]{30}|ya29\.[\w-]{10}|1//0[\w-]{20}|"
    r"A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{12}|sk-(?:proj-|ant-|svcacct-)?[\w-]{20}|npm_\w{30}|pypi-AgE[\w-]{10}|"
    r"SG\.[\w-]{16}\.|shp(?:at|ca|pa|ss)_[0-9a-f]{20}|do[opr]_v1_[0-9a-f]{20}|hf_[A-Za-z]{20}|hv[sbr]\.[\w-]{20}|"
    r"dapi[0-9a-f]{32}|NRAK-\w{20}|sq0(?:atp|csp)-[\w-]{20}|whsec_[\w+/=]{16}|lin_api_\w{20}|"
    r"(?:SK|AC)[0-9a-f]{32}|key-[0-9a-f]{32}|EAACEdEose0cBA|secret_[A-Za-z0-9]{30}|phc_\w{20}|phx_\w{20}|"
    r"T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/\w{20}|bot\d{8,10}:[\w-]{30})"
    r"[\w.~+/=-]{0,500})"
)
_JWT = re.compile(r"(?<![\w-])[\w-]{11,500}(?<=[\w-]{11})\.eyJ[\w.-]{0,1000}")
_SIGNED = re.compile(r"(?<=[\w-]{11})\.eyJ[\w.-]{0,1000}")
_PARAMETER = re.compile(r"[?&#;]([\w.%\[\]-]{1,60})=([^&#\s\"'<>;]{1,500})")
# Parameters that have many values, of which those that a program drew open something: an OAuth code, a signature.
_OPENING_PARAMETERS = frozenset({"code", "key", "sig", "ticket"})
MIN_DRAWN_LENGTH = 16
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^\s/?#@:]{0,64}:[^\s/?#@]{1,500}(?=@)")
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
_SECRET_KEYS = re.compile(
    r"token|secret|passw|pwd|api.?key|access.?key|private.?key|signature|credential|jwt|otp|auth", re.I
)


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
    return 10**13 <= value < 10**16 and _holds_card(str(value), whole=True)


def find_personal_data(text: str) -> list[FoundData]:
    """Return what a text holds of personal data and secrets, in order and without overlaps.

    The first `MAX_INSPECTED_CHARACTERS` are inspected, and the places are those in the plain text of these: one
    character may stand for many plain ones.
    """
    found: list[FoundData] = []
    for each in sorted(_find(inspected_text(text))):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return found


def inspected_text(text: str) -> str:
    """Return the plain text of the part of a text that is inspected."""
    return plain_text(text[:MAX_INSPECTED_CHARACTERS])


def kind_of_text(text: str) -> PersonalData | None:
    """Return what a text holds: a secret if there is one, else the first personal data; None where it holds neither.

    This is told to people, so that a card number must stand by itself: in a longer row of digits, where one may hide,
    every tenth number looks like one.
    """
    plain = inspected_text(text)
    kinds = [
        found.kind
        for found in find_personal_data(text)
        if found.kind is not PersonalData.CARD or _holds_written_card(plain, found)
    ]
    return next((kind for kind in kinds if kind.is_secret), kinds[0] if kinds else None)


def kind_of_value(value: object) -> PersonalData | None:
    """Return what a JSON value holds by itself: of texts see `kind_of_text`; a number may be that of a card."""
    if isinstance(value, str):
        return kind_of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and is_sensitive_number(value):
        return PersonalData.CARD
    return None


def _find(text: str) -> Iterator[FoundData]:
    """Yield what a plain text holds, the cheapest to find first."""
    if "@" in text or ("%" in text and "40" in text):
        matches = _emails(_EMAIL, text) or _emails(_ANY_EMAIL, text)
        yield from (FoundData(*match.span(), PersonalData.EMAIL) for match in matches)
        if "://" in text:
            yield from (FoundData(*match.span(), PersonalData.TOKEN) for match in _USER_AND_PASSWORD.finditer(text))
    if len(text) >= MIN_TOKEN_LENGTH:
        yield from (FoundData(*match.span(), PersonalData.TOKEN) for match in _TOKEN.finditer(text))
        if ".eyJ" in text:
            matches = list(_JWT.finditer(text)) or list(_SIGNED.finditer(text))
            yield from (FoundData(*match.span(), PersonalData.TOKEN) for match in matches)
    if "=" in text or "%" in text:
        for match in chain(_PARAMETER.finditer(text), _ENCODED_PARAMETER.finditer(text)):
            if is_sensitive_key(match[1]):
                is_secret = _SECRET_KEYS.search(match[1]) is not None
                yield FoundData(*match.span(2), PersonalData.TOKEN if is_secret else PersonalData.PERSONAL)
            elif match[1].lower() in _OPENING_PARAMETERS and looks_opaque(match[2], min_length=MIN_DRAWN_LENGTH):
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
    if _DIGIT_RUN.search(text):
        for match in _DIGIT_RUN.finditer(_UUID.sub(_as_letters, text) if "-" in text else text):
            if _holds_card(match[0]):
                yield FoundData(*match.span(), PersonalData.CARD)
    for match in _OTHERWISE_GROUPED_CARD.finditer(text):
        if _holds_card(match[0].replace(match[1], ""), whole=True):
            yield FoundData(*match.span(), PersonalData.CARD)
    for match in _IBAN.finditer(text):
        if end := _iban_end(match[0]):
            yield FoundData(match.start(), match.start() + end, PersonalData.IBAN)


def _emails(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [match for match in pattern.finditer(text) if not _names_file_or_package(match)]


def _names_file_or_package(match: re.Match[str]) -> bool:
    """Tell whether what looks like an email address is the version of a package or a picture in a larger scale."""
    name, separator, _ = match[0].partition("@")
    host = match.start() + len(name) + 1
    return bool(separator) and not name.endswith("/") and _NO_HOST.match(match.string, host) is not None


def _as_letters(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _iban_end(text: str) -> int:
    """Return where an IBAN ends that a text begins with; 0 where its check digits are wrong (ISO 7064, MOD 97-10)."""
    length, end, digits = _IBAN_LENGTHS.get(text[:2], 0), 0, ""
    while len(digits) < length and end < len(text):
        digits += text[end].strip()
        end += 1
    if not length or len(digits) != length:
        return 0
    number = "".join(str(int(character, 36)) for character in digits[4:] + digits[:4])
    return end if int(number) % 97 == 1 else 0


def _holds_card(text: str, *, whole: bool = False) -> bool:
    """Tell whether a card number stands anywhere among digits, or is all of them (`whole`).

    It is known by its beginning, its length and its check digit, which is that of ISO/IEC 7812-1 (Luhn): counted from
    the last digit, every second one is doubled, and the sum ends in 0. Running sums give the sum of any part at once,
    so that a long row of digits takes linear time.
    """
    plain = text.replace(" ", "").replace("-", "")
    if not plain.isascii():
        plain = "".join(str(int(character)) for character in plain)  # digits of other scripts
    candidates = list(_possible_cards(plain))
    if not candidates:
        return False  # nearly always: most long numbers are times and ids
    digits = [int(character) for character in plain]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits]
    # A number that ends at an even position doubles the digits at the odd ones, and the other way round.
    odd_doubled = [doubled[place] if place % 2 else digit for place, digit in enumerate(digits)]
    even_doubled = [digit if place % 2 else doubled[place] for place, digit in enumerate(digits)]
    running_sums = [list(accumulate(luhn, initial=0)) for luhn in (odd_doubled, even_doubled)]
    for start, length in candidates:
        end = start + length
        sums = running_sums[(end - 1) % 2]
        if (sums[end] - sums[start]) % 10 != 0 or (whole and (start, end) != (0, len(digits))):
            continue
        if length == 13 and is_article_number(plain[start:end]):
            continue  # an EAN of Germany or Japan; the cards of that length have not been given out for decades
        return True
    return False


def _holds_written_card(text: str, found: FoundData) -> bool:
    """Tell whether a card number stands by itself in a row of digits: in one group, or in those that people write."""
    card = _OTHERWISE_GROUPED_CARD.match(text, found.start)
    if card is not None and card.end() == found.end:
        return _holds_card(card[0].replace(card[1], ""), whole=True)
    groups = re.split("[ -]", text[found.start : found.end])
    before, after = text[: found.start][-2:], text[found.end :][:1]
    if before[-1:].isalnum() or re.fullmatch(r"\d[.,]", before):
        groups[0] = ""  # the end of a word, or the decimals of a number
    if after.isalnum():
        groups[-1] = ""
    lengths = [len(group) for group in groups]
    for start, length in enumerate(lengths):
        if length >= 13 and _holds_card(groups[start], whole=True):
            return True
        for sizes in _CARD_GROUPS:
            end = start + len(sizes)
            if tuple(lengths[start:end]) == sizes and _holds_card("".join(groups[start:end]), whole=True):
                return True
    return False


def _possible_cards(digits: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the length of each part that begins as card numbers of that length do."""
    for beginning, lengths in _CARD_LENGTHS:
        for found in beginning.finditer(digits):
            yield from ((found.start(), length) for length in lengths if found.start() + length <= len(digits))
