"""Names as rows and lookups spell them: one form, one encoder, one hash."""

import unicodedata
from hashlib import sha256

from catalog.contract.json.text import escape_text

STORED_NAME_LENGTH = 512
"""How many characters of a name are stored; the rest is kept by its hash."""

MAX_NORMALIZED_LENGTH = 2_000
"""Names longer than this stay in the form they came in: normalising takes quadratic time on combining marks."""


def normalize_name(name: str) -> str:
    """Return the whole name in the form in which names are compared: NFC, then escaped."""
    if not name.isascii() and len(name) <= MAX_NORMALIZED_LENGTH:
        name = unicodedata.normalize("NFC", name)
    return escape_text(name)


def clean_name(name: str) -> str:
    """Return the name as it is stored and shown: normalised and cut at 512 characters."""
    return normalize_name(name)[:STORED_NAME_LENGTH]


def name_hash(name: str) -> bytes:
    """Return the 32 bytes that a name is known by: SHA-256 of the whole normalised name."""
    return sha256(normalize_name(name).encode()).digest()
