"""What people post, made fit to be stored."""

from collections.abc import Mapping

from django.http import QueryDict

from catalog.contract import escape_text

MAX_TEXT_LENGTH = 5_000


def text_param(params: QueryDict | Mapping[str, str], name: str, limit: int = MAX_TEXT_LENGTH) -> str:
    """Return a posted text, at most `limit` characters; what no column can hold (NUL) is written out."""
    return escape_text(str(params.get(name, "")).strip()[:limit])


def id_param(params: QueryDict, name: str) -> int | None:
    """Return a posted id of a row, or None where there is none or it can be none."""
    text = params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def id_hash_params(params: QueryDict, name: str = "ids") -> list[int] | None:
    """Return the pseudonyms that were ticked, or None where none was, so that all count (texts are skipped)."""
    id_hashes = []
    for text in params.getlist(name)[:1_000]:
        try:
            number = int(text[:20])
        except ValueError:
            continue
        if -(2**63) <= number < 2**63:
            id_hashes.append(number)
    return id_hashes or None
