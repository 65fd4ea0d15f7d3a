"""Detects values and keys that look like personal data or like a secret.

A new kind is added where it can be recognised. By the key: a word (`SENSITIVE_WORDS`: any word of the key) or a name
(`SENSITIVE_NAMES`: all of its words together). By the text itself: a pattern in `is_sensitive_text`, which must take
linear time and applies to values, ids and keys alike.

`privacy.masking` decides what hides: first a word that is declared around the value or of it; then its key, if that
looks sensitive, which hides everything below it; then production, which hides the rest; then the text. A key that looks
personal itself is hidden unless the definition names that key.

Samples that are already stored are not masked again: a new kind applies to events that arrive from then on.
"""

import re
from functools import lru_cache

MAX_INSPECTED_CHARACTERS = 2_000
"""How many characters of a text are inspected; a longer text counts as sensitive."""

SENSITIVE_WORDS = frozenset(
    {
        "authorization",
        "birthday",
        "birthdate",
        "cookie",
        "cvc",
        "cvv",
        "email",
        "iban",
        "ip",
        "msisdn",
        "passport",
        "passwd",
        "password",
        "phone",
        "pwd",
        "secret",
        "signature",
        "ssn",
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
        "card_number",
        "credit_card",
        "date_of_birth",
        "e_mail",
        "first_name",
        "full_name",
        "ip",
        "ip_address",
        "last_name",
        "private_key",
        "social_security_number",
        "tax_id",
    }
)

# Every quantifier that can meet the one after it is bounded: no pattern takes more than linear time.
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}\.[^\s@]{2}")
_PHONE = re.compile(r"(?:\+|00|\()[\d\s().\-/]{7,24}")
_CARD = re.compile(r"[3-6]\d{3}(?:[ -]?\d){10,15}")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_TOKEN = re.compile(
    r"(?:eyJ[\w-]{8,}\.eyJ|Bearer\s+\S|Basic\s+[\w+/=]{8}|(?:sk|rk|pk)_(?:live|test)_\w|gh[pousr]_\w{10}|xox[abprs]-|"
    r"AKIA[0-9A-Z]{12}|-----BEGIN)"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=20_000)
def is_sensitive_key(key: str) -> bool:
    """Tell whether a key says that its value is personal or secret, such as `userEmail` or `access_token`."""
    words = [word.lower() for word in _WORDS.findall(key[:200])]
    return not SENSITIVE_WORDS.isdisjoint(words) or "_".join(words) in SENSITIVE_NAMES


def is_sensitive_text(text: str) -> bool:
    """Tell whether a text holds an address, a phone or card number, an IP address or a token."""
    if len(text) > MAX_INSPECTED_CHARACTERS:
        return True
    if "@" in text and _EMAIL.search(text):
        return True
    if _TOKEN.search(text):
        return True
    if not any(character.isdigit() for character in text[:40]):
        return False
    if _PHONE.fullmatch(text) and 8 <= sum(character.isdigit() for character in text) <= 15:
        return True
    return bool(_IPV4.fullmatch(text)) or any(_is_card(found[0]) for found in _CARD.finditer(text))


def _is_card(text: str) -> bool:
    """Check the digits as cards do (Luhn, ISO/IEC 7812-1)."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
