"""The HTML of a page as a test compares it, however its template is laid out."""

from __future__ import annotations

import re


def one_line(html: str) -> str:
    """Return `html` with each run of white space as one space, and none just inside an element."""
    collapsed = re.sub(r"\s+", " ", html)
    return re.sub(r" (?=</)", "", re.sub(r"(<[a-z][^<>]*>) ", r"\1", collapsed))
