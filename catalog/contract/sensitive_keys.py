"""Detects keys that say that their value is personal or secret.

A new kind is a word (`SENSITIVE_WORDS`) or a name of several words (`SENSITIVE_NAMES`), each found anywhere in the key,
in the plural too.
"""

import re
import unicodedata

from catalog.contract.short_text_cache import cached_for_short_texts

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
        "dob",
        "iban",
        "ip",
        "jwt",
        "msisdn",
        "otp",
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
        "username",
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
        "user_name",
        "work_phone",
    }
)
OTHER_VALUE_WORDS = frozenset(
    {
        *("count", "counts", "spent", "length", "attempts", "used", "usage", "limit", "budget", "per"),
        *("verified", "enabled", "required", "consent", "status", "type", "version", "model", "brand"),
    }
)
"""After a sensitive word or name they say that the value is another: a quantity (`token_count`), a state
(`email_verified`) or a kind (`phone_model`)."""
COUNTED_WORDS = frozenset(
    {
        *("input", "output", "prompt", "completion", "reasoning", "thinking", "cached", "cache", "read", "creation"),
        *("context", "generated", "prediction", "text", "audio", "image", "total", "sum", "max", "maximum", "min"),
        *("minimum", "avg", "average", "num", "used", "remaining", "billed"),
    }
)
"""Before *tokens* they say that the value counts those of a language model: `$ai_input_tokens`, `max_tokens`."""

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
SENSITIVE_ENDINGS = ("passwd", "passwds", "password", "passwords", "secret", "token")
"""No other word ends so, whatever people write before it: `newpassword`, `dbpasswd`, `resettoken`, `appsecret`."""

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

_WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_PARTS = re.compile(
    r"token|secret|passw|pwd|api.?key|access.?key|private.?key|signature|credential|jwt|otp|auth", re.IGNORECASE
)
_IDENTIFIER_WORDS = frozenset(
    {
        *("id", "uid", "guid", "uuid", "imei", "imeisv", "imsi", "iccid", "serial", "tracking", "trace", "span"),
        *("gtin", "ean", "upc", "isbn", "sku", "barcode", "asin", "order", "invoice", "transaction", "shipment"),
        *("timestamp", "ts", "time", "nano", "micro", "epoch", "hash", "checksum", "seed", "nonce", "sequence"),
    }
)
_PAYMENT_WORDS = frozenset({"card", "pan", "cc", "credit", "debit", "payment", "account", "billing"})
_VERSION_WORDS = frozenset({"version", "versions", "ver", "build"})
# What Unicode says to ignore where it cannot be shown (Default_Ignorable_Code_Point), marks of annotations and a blank
# pattern of Braille.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_DASHES = re.compile("[\u02d7\u2010-\u2015\u2043\u2212\u2e3a\u2e3b]")


@cached_for_short_texts()
def is_sensitive_key(key: str) -> bool:
    """Tell whether a key says that its value is personal or secret, such as `userEmail` or `access_token`.

    Its words are compared, in the plural and written together too (`creditCardNumbers`, `phonenumber`). Another word
    that contains a sensitive one (`shipping`) is not one, and neither is a quantity or a state (`token_count`,
    `email_verified`). A key too long to be inspected counts as sensitive.
    """
    if len(key) > MAX_INSPECTED_CHARACTERS:
        return True
    found = [word.lower() for word in _WORDS.findall(plain_text(key))]
    words = list(map(_singular, found))
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_TERM, len(words)) + 1):
            is_term = "_".join(words[start:end]) in _TERMS or (end == start + 1 and _is_joined_term(words[start]))
            is_count = end == start + 1 and found[start] == "tokens" and start > 0 and found[start - 1] in COUNTED_WORDS
            if is_term and not is_count and not (end < len(words) and words[end] in OTHER_VALUE_WORDS):
                return True
    return False


def is_secret_key(key: str) -> bool:
    """Tell whether a sensitive key speaks of what opens something, so that its value is a secret."""
    return _SECRET_PARTS.search(key) is not None


def _is_joined_term(word: str) -> bool:
    return word in _JOINED_TERMS or word.endswith(SENSITIVE_ENDINGS)


def plain_text(text: str) -> str:
    """Return a text in the characters that the patterns know.

    Full-width ones, odd spaces and dashes become plain ones; what nobody sees goes.
    """
    return text if text.isascii() else _DASHES.sub("-", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))


def _singular(word: str) -> str:
    """Return the word of a sensitive term whose plural this is, else the word itself."""
    if word not in _WORDS_OF_TERMS:
        for ending in ("s", "es"):
            stem = word.removesuffix(ending)
            if stem in _WORDS_OF_TERMS:
                return stem
    return word


def is_version_key(key: str) -> bool:
    """Tell whether a key says that its value is a version, which may be written as an IP address is: 1.4.0.12."""
    return not _VERSION_WORDS.isdisjoint(word.lower() for word in _WORDS.findall(key[:MAX_INSPECTED_CHARACTERS]))


def is_identifier_key(key: str) -> bool:
    """Tell whether a key says that its value tells things apart, or when something was: `order_id`, `imei`, `traceIds`.

    A number under it that looks like one of a card hardly is, unless the key speaks of cards or payments, too.
    """
    found = [word.lower() for word in _WORDS.findall(key[:MAX_INSPECTED_CHARACTERS])]
    words = {*found, *(word.removesuffix("s") for word in found)}
    return not words.isdisjoint(_IDENTIFIER_WORDS) and words.isdisjoint(_PAYMENT_WORDS)
