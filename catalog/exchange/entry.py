"""One entry of another tool's dictionary: what was found there, and what of it can be kept."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from catalog.contract import Problem

Json = dict[str, Any] | list[Any] | str | int | float | bool | None
Document = dict[str, Any]
__all__ = [
    "Document",
    "Entry",
    "EntryKey",
    "EntryOutcome",
    "Json",
    "Note",
    "Problem",
    "bytes_hash",
    "decode_with_escapes",
    "json_hash",
    "previous_version",
    "version_sort_key",
]

EntryKey = tuple[str, str, str, str]

_DIGITS = re.compile(r"\d{1,18}")


class EntryOutcome(StrEnum):
    """The outcome of one entry of the upload."""

    IMPORTED = "imported"  # it has a definition document
    FRAGMENT = "fragment"  # a part that other entries are made of, no event of its own
    SKIPPED = "skipped"  # nothing to import: a readme, a working copy
    FAILED = "failed"  # damaged, or not expressible as the definition of an event


@dataclass(frozen=True, slots=True)
class Note:
    """What of an imported entry could not be expressed, or was read differently: code, JSON Pointer, sentence."""

    code: str
    where: str
    what: str

    def as_json(self) -> dict[str, str]:
        """The note as the API shows it."""
        return {"code": self.code, "where": self.where, "what": self.what}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or rule of an upload.

    `document` is there exactly when the outcome is `imported`; `problems` say why it is not (the contract's own
    Problem: JSON Pointer, stable code, sentence).
    `source_text` is the entry as it stood in the upload (bytes that are not text are escaped as \\xNN).
    `content_hash` is the sha256 of what the entry says, whatever its white space and the order of its keys.
    `sort_key` sorts the versions of one event as their origin ordered them. `is_immutable` says that the origin
    never changes a version it has published, so the same version with another content is a conflict.
    `status` is `deprecated` where the origin says so, else empty.
    """

    format: str
    path: str
    outcome: EntryOutcome
    source_text: str
    content_hash: bytes
    name: str = ""
    call: str = "track"
    origin_version: str = ""
    sort_key: tuple[int, ...] = ()
    is_immutable: bool = True
    document: Document | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    owner_text: str = ""
    category_text: str = ""
    status: str = ""
    tags: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = field(default=())

    @property
    def key(self) -> EntryKey:
        """What identifies an entry from one import to the next: format, call, name, origin version."""
        return (self.format, self.call, self.name, self.origin_version)


def json_hash(value: Json) -> bytes:
    """The sha256 (32 bytes) of a JSON value written in one way: keys sorted, no white space, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def bytes_hash(raw: bytes) -> bytes:
    """The sha256 (32 bytes) of an entry that is not read as JSON or YAML."""
    return hashlib.sha256(raw).digest()


def decode_with_escapes(raw: bytes) -> str:
    """Bytes as text that any database keeps: what is not UTF-8, and NUL, is escaped as \\xNN."""
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def version_sort_key(origin_version: str) -> tuple[int, ...]:
    """The sort key of an origin's version: its numbers from left to right, `1-0-2` → (1, 0, 2); no number gives ()."""
    return tuple(int(digits) for digits in _DIGITS.findall(origin_version))


def previous_version(origin_version: str, others: Iterable[str]) -> str | None:
    """The newest of `others` that the origin published before `origin_version`, or None for the first."""
    sort_key = version_sort_key(origin_version)
    earlier = [other for other in others if version_sort_key(other) < sort_key]
    return max(earlier, key=version_sort_key, default=None)
