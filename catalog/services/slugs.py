"""Slugs of categories and tags, from names in any alphabet."""

import unicodedata
from hashlib import sha256

from django.utils.text import slugify

SLUG_LENGTH = 80
DIGEST_LENGTH = 10


def slug_of(name: str) -> str:
    """Return the slug of a name: at most 80 characters of ASCII, and the same for the same name whenever it is asked.

    Where ASCII cannot spell every letter of the name, or the slug would be too long, a digest of the whole name ends
    it, so that names which differ only there get different slugs. Names that differ in case or spaces alone get the
    same one. Empty for a name of nothing but spaces and ASCII punctuation.
    """
    readable = slugify(name)
    if not _has_other_letters(name) and len(readable) <= SLUG_LENGTH:
        return readable
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    digest = sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH]
    return f"{readable[: SLUG_LENGTH - DIGEST_LENGTH - 1]}-{digest}".strip("-")


def _has_other_letters(name: str) -> bool:
    """Return whether a letter, digit or symbol is left that ASCII cannot spell; an accent alone is none."""
    decomposed = unicodedata.normalize("NFKD", name)
    return any(not each.isascii() and unicodedata.category(each)[0] in "LNS" for each in decomposed)
