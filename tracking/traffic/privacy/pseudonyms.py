"""Keyed hashes of ids: events of one person can be counted together, and nobody can look up who it is."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings

from catalog.contract.usable_ids import id_text

PERSON_ID_FIELDS = ("user_id", "anonymous_id")
"""The fields of an event that say whose it is, in the order in which they count: the user before the device."""


@lru_cache(maxsize=16)
def _derived_key(secret: str, purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=hashlib.sha256(secret.encode()).digest()).digest()


def keyed_hash(purpose: str, text: bytes) -> int:
    """Return 8 bytes of a keyed hash (BLAKE2b in keyed mode, RFC 7693) as a signed integer, as columns hold it.

    The key is derived from SECRET_KEY and the purpose: hashes of two purposes cannot be compared.
    """
    state = keyed_state(purpose)
    state.update(text)
    return int.from_bytes(state.digest(), "big", signed=True)


def keyed_state(purpose: str) -> hashlib.blake2b:
    """Return a hash that has read nothing yet: a copy that is told a text has the digest of `keyed_hash`.

    For many texts at once, since a copy costs two thirds of a hash that is made anew. The digest is 8 bytes, of which
    the first holds the sign.
    """
    return hashlib.blake2b(key=_derived_key(settings.SECRET_KEY, purpose), digest_size=8)


def person_hash(value: Any) -> int | None:
    """Return the hash by which a user's or device's id is known, or None where the value is no id."""
    text = id_text(value)
    return keyed_hash("person", text.encode("utf-8", "backslashreplace")) if text else None


def first_person_hash(hash_of_field: Callable[[str], int | None]) -> int | None:
    """Return by which hash an event's person is known: of the user's id, else of the device's, else None.

    `hash_of_field` returns the hash of one of `PERSON_ID_FIELDS`, or None where the event has no id there.
    """
    return next((hashed for name in PERSON_ID_FIELDS if (hashed := hash_of_field(name)) is not None), None)


def pseudonym(value: Any) -> str:
    """Return a short text that stands for an id where the id itself may not be kept."""
    text = id_text(value)
    hashed = keyed_hash("person", text.encode("utf-8", "backslashreplace")) & (2**64 - 1) if text else 0
    return f"id-{hashed:016x}"


def pseudonym_hash(text: str) -> int:
    """Return the hash by which the person of a pseudonym is known. Raises ValueError for what is no pseudonym."""
    return int.from_bytes(bytes.fromhex(text.removeprefix("id-")), "big", signed=True)
