"""Detects values and keys that look like personal data or like a secret.

A new kind is added where it can be recognised. By the key: a word (`SENSITIVE_WORDS`) or a name of several words
(`SENSITIVE_NAMES`), each found anywhere in the key, in the plural too. By the text itself: a pattern in
`is_sensitive_text`, which must take linear time and applies to values, ids and keys alike.

`privacy.masking` decides what hides: first a word that is declared around the value or of it; then its key, if that
looks sensitive, which hides everything below it; then production, which hides the rest; then the text. A key that looks
personal itself is hidden unless the definition names that key.

Samples that are already stored are not masked again: a new kind applies to events that arrive from then on.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv6Address
from itertools import accumulate

MAX_INSPECTED_CHARACTERS = 2_000
"""How many characters of a text are inspected; a longer text counts as sensitive."""

SENSITIVE_WORDS = frozenset(
    {
        "authorization",
        "birthday",
        "birthdate",
        "cookie",
        "credential",
        "cvc",
        "cvv",
        "email",
        "iban",
        "ip",
        "jwt",
        "msisdn",
        "passport",
        "passwd",
        "password",
        "phone",
        "pwd",
        "secret",
        "signature",
        "ssn",
        "surname",
        "token",
        "mobile",
    }
)
SENSITIVE_NAMES = frozenset(
    {
        "access_key",
        "account_number",
        "api_key",
        "birth_date",
        "birth_day",
        "card_no",
        "card_number",
        "cell_phone",
        "credit_card",
        "date_of_birth",
        "e_mail",
        "family_name",
        "first_name",
        "full_name",
        "given_name",
        "home_phone",
        "id_token",
        "ip_address",
        "last_name",
        "middle_name",
        "mobile_phone",
        "pass_code",
        "pass_phrase",
        "pass_word",
        "private_key",
        "secret_key",
        "social_security_number",
        "tax_id",
        "work_phone",
    }
)
QUANTITY_WORDS = frozenset({"count", "counts", "spent"})
"""After a sensitive word or name they say that the value is a quantity, such as `token_count`."""

# Words that people write together with a sensitive one, such as `phonenumber` and `useremail`. They are listed, since
# `headphone` and `tokenizer` are no such words.
JOINED_PREFIXES = (
    "access",
    "auth",
    "billing",
    "client",
    "contact",
    "csrf",
    "customer",
    "refresh",
    "session",
    "shipping",
    "user",
)
JOINED_SUFFIXES = ("address", "hash", "no", "number")
SENSITIVE_ENDINGS = ("passwd", "passwds", "password", "passwords")
"""No other word ends so, whatever people write before it: `newpassword`, `dbpasswd`."""

_TERMS = SENSITIVE_WORDS | SENSITIVE_NAMES
_JOINED_TERMS = frozenset(
    f"{prefix}{term.replace('_', '')}{suffix}{plural}"
    for term in _TERMS
    for prefix in ("", *JOINED_PREFIXES)
    for suffix in ("", *JOINED_SUFFIXES)
    for plural in ("", "s", "es")
)
_WORDS_OF_TERMS = frozenset(word for term in _TERMS for word in term.split("_"))
_LONGEST_TERM = max(term.count("_") + 1 for term in _TERMS)

# Every quantifier that can meet the one after it is bounded: no pattern takes more than linear time.
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}\.[^\s@]{2}")
_PHONE = re.compile(r"(?:\+|00|\()[\d\s().\-/]{7,24}")
_DIGIT = re.compile(r"\d")
_DIGIT_RUN = re.compile(r"\d(?:[ -]?\d){12,}")
# What card numbers begin with, and how many digits they then have.
_CARD_LENGTHS = (
    (re.compile(r"(?=4)"), (13, 16, 19)),
    (re.compile(r"(?=5|6)"), (16, 17, 18, 19)),
    (re.compile(r"(?=3[47])"), (15,)),
    (re.compile(r"(?=3[0689])"), (14, 16, 17, 18, 19)),
    (re.compile(r"(?=35)"), (16, 17, 18, 19)),
    (re.compile(r"(?=2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))"), (16,)),
)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_IPV6_CHARACTERS = re.compile(r"[\da-fA-F]{0,4}:[\da-fA-F:.]{1,40}(?:%\w{1,20})?")
_TOKEN = re.compile(
    r"(?:\.eyJ(?<=[\w-]{11}\.eyJ)|Bearer\s+\S|Basic\s+[\w+/=]{8}|(?:sk|rk|pk)_(?:live|test)_\w|gh[pousr]_\w{10}|xox[abprs]-|"
    r"AKIA[0-9A-Z]{12}|-----BEGIN)"
)
_WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


@lru_cache(maxsize=20_000)
def is_sensitive_key(key: str) -> bool:
    """Tell whether a key says that its value is personal or secret, such as `userEmail` or `access_token`.

    Its words are compared, in the plural and written together too (`creditCardNumbers`, `phonenumber`). Another word
    that contains a sensitive one (`shipping`) is not one, and neither is a quantity (`token_count`). A key too long to
    be inspected counts as sensitive.
    """
    if len(key) > MAX_INSPECTED_CHARACTERS:
        return True
    words = [_singular(word.lower()) for word in _WORDS.findall(_plain(key))]
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_TERM, len(words)) + 1):
            is_term = "_".join(words[start:end]) in _TERMS or (end == start + 1 and _is_joined_term(words[start]))
            if is_term and not (end < len(words) and words[end] in QUANTITY_WORDS):
                return True
    return False


def _is_joined_term(word: str) -> bool:
    return word in _JOINED_TERMS or word.endswith(SENSITIVE_ENDINGS)


def _plain(text: str) -> str:
    """Return a text in the characters that the patterns know: full-width ones and odd spaces become plain ones."""
    return text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def _singular(word: str) -> str:
    """Return the word of a sensitive term whose plural this is, else the word itself."""
    if word not in _WORDS_OF_TERMS:
        for ending in ("s", "es"):
            stem = word.removesuffix(ending)
            if stem in _WORDS_OF_TERMS:
                return stem
    return word


def is_sensitive_text(text: str) -> bool:
    """Tell whether a text holds an email address, a card number or a token, or is a phone number or an IP address."""
    if len(text) > MAX_INSPECTED_CHARACTERS:
        return True
    text = _plain(text)
    if "@" in text and _EMAIL.search(text):
        return True
    if _TOKEN.search(text):
        return True
    if not _DIGIT.search(text):
        return False
    if _PHONE.fullmatch(text) and 8 <= sum(character.isdigit() for character in text) <= 15:
        return True
    return _is_ip_address(text) or any(_holds_card(found[0]) for found in _DIGIT_RUN.finditer(text))


def _is_ip_address(text: str) -> bool:
    if _IPV4.fullmatch(text):
        return True
    if not _IPV6_CHARACTERS.fullmatch(text):
        return False
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _holds_card(text: str) -> bool:
    """Tell whether a card number stands anywhere among digits, by its beginning, its length and its check digit.

    The check digit is that of ISO/IEC 7812-1 (Luhn): counted from the last digit, every second one is doubled, and the
    sum ends in 0. Running sums give the sum of any part at once, so that a long row of digits takes linear time.
    """
    digits = [int(character) for character in text if character not in " -"]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits]
    # A number that ends at an even position doubles the digits at the odd ones, and the other way round.
    odd_doubled = [doubled[place] if place % 2 else digit for place, digit in enumerate(digits)]
    even_doubled = [digit if place % 2 else doubled[place] for place, digit in enumerate(digits)]
    running_sums = [list(accumulate(luhn, initial=0)) for luhn in (odd_doubled, even_doubled)]
    for start, length in _possible_cards("".join(map(str, digits))):
        end = start + length
        sums = running_sums[(end - 1) % 2]
        if (sums[end] - sums[start]) % 10 == 0:
            return True
    return False


def _possible_cards(digits: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the length of each part that begins as card numbers of that length do."""
    for beginning, lengths in _CARD_LENGTHS:
        for found in beginning.finditer(digits):
            yield from ((found.start(), length) for length in lengths if found.start() + length <= len(digits))
