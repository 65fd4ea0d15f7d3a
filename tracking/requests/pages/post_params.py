"""What people post, made fit to be stored."""

from collections.abc import Mapping

from django.http import QueryDict

from catalog.contract import escape_text

LONGEST = 5_000


def posted_text(posted: QueryDict | Mapping[str, str], name: str, limit: int = LONGEST) -> str:
    """Return a posted text, at most `limit` characters; what no column can hold (NUL) is written out."""
    return escape_text(str(posted.get(name, "")).strip()[:limit])


def posted_id(posted: QueryDict, name: str) -> int | None:
    """Return a posted id of a row, or None where there is none or it can be none."""
    text = posted.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def posted_ids(posted: QueryDict, name: str = "ids") -> list[int] | None:
    """Return the keyed hashes that were ticked, or None where none was: then all count; no numbers are left out."""
    found = []
    for text in posted.getlist(name)[:1_000]:
        try:
            number = int(text[:20])
        except ValueError:
            continue
        if -(2**63) <= number < 2**63:
            found.append(number)
    return found or None
