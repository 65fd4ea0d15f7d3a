"""The subject of an erasure, and whether an event, as it came or as it is stored, is theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.contract import Event
from catalog.contract.usable_ids import folded_id, id_text
from erasure.choices import SubjectKind
from tracking.traffic.check.id_spellings import may_be_one_id
from tracking.traffic.privacy.masking import MAX_TEXT
from tracking.traffic.privacy.pseudonyms import keyed_hash, person_hash, pseudonym, pseudonym_hash

MAX_ID_LENGTH = 10_000
MIN_DISTINCTIVE_LENGTH = 6
"""From so many characters on an id is looked for in all of an event, not only where ids stand: `42` is a price, too."""

_LOWER_CASE = bytes(range(256)).lower()
_BLANKS = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
_PSEUDONYM = re.compile(r"id-[0-9a-f]{16}")
_ESCAPE = re.compile(r'\\(?:u([\da-fA-F]{4})|(["\\/]))')


_FIELDS_BY_KIND = {
    SubjectKind.USER: ("user_id",),
    SubjectKind.DEVICE: ("anonymous_id",),
    SubjectKind.ANY: ("user_id", "anonymous_id"),
}


class UnusableId(ValueError):
    """An id that names nobody, or that no SDK's event can be told by. The text says why."""


@dataclass(slots=True)
class Subject:
    """A user or device, by an id as SDKs send it.

    `spellings` are the texts that count as the id: the one that was given, those that differ from it by blanks or by a
    case that says nothing, as far as they can be guessed, and those that were met meanwhile.

    A pseudonym, as pages show it, names whoever it stands for as well: by their hash, and by each id that hashes to it.
    """

    id: str
    kind: SubjectKind = SubjectKind.ANY
    spellings: set[str] = field(init=False, default_factory=set)
    _folded: str = field(init=False, default="")
    _known: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        """Raise UnusableId for an id that names nobody."""
        if len(self.id) > MAX_ID_LENGTH:
            raise UnusableId(f"An id has at most {MAX_ID_LENGTH:,} characters; this one has {len(self.id):,}.")
        if "\x00" in self.id or any("\ud800" <= character <= "\udfff" for character in self.id):
            raise UnusableId("The id is no text: it holds a NUL or half of a character. Was it copied whole?")
        if not id_text(self.id):
            raise UnusableId(
                "That is what programs write where there is no id: it names nobody, and the events of many people "
                "carry it."
            )
        self._folded = folded_id(self.id)
        for guess in (self.id, self.id.strip(), "".join(self.id.split()), self.id.lower(), self.id.upper()):
            if self._is_spelling(guess):
                self._add_spelling(guess)

    @property
    def is_pseudonym(self) -> bool:
        """Whether the id looks like what pages show in place of one. It may be an id of its own all the same."""
        return _PSEUDONYM.fullmatch(self.id) is not None

    @property
    def is_distinctive(self) -> bool:
        """Whether the id is long enough to mean somebody wherever it stands."""
        return len(self._folded) >= MIN_DISTINCTIVE_LENGTH

    @property
    def hashes(self) -> set[int]:
        """The keyed hashes by which evidence knows the subject."""
        hashes = {hashed for text in self.spellings if (hashed := person_hash(text)) is not None}
        return hashes | {pseudonym_hash(self.id)} if self.is_pseudonym else hashes

    @property
    def texts(self) -> set[str]:
        """The spellings of the id, and the pseudonyms that stand for them."""
        return self._known

    @property
    def receipt_id(self) -> str:
        """What a receipt names the subject by: a keyed hash that nothing else is known by."""
        return f"{keyed_hash('erasure', self._folded.encode()) & (2**64 - 1):016x}"

    def owns(self, event: Event) -> bool:
        """Tell whether an event as it came is the subject's, or names the subject."""
        return self.owns_stored(event.as_json())

    def owns_stored(self, event: dict[str, Any]) -> bool:
        """The same of an event as samples and findings keep it, where the id may be a pseudonym."""
        if any(self._is_id(event.get(name)) for name in _FIELDS_BY_KIND[self.kind]):
            return True
        # Of an alias: who the person was before.
        context = event.get("context")
        if isinstance(context, dict) and self._is_id(context.get("previousId")):
            return True
        return any(
            self.is_named_in(event.get(part)) for part in ("event", "message_id", "properties", "traits", "context")
        )

    def is_named_in(self, value: Any) -> bool:
        """Tell whether the id, where it is distinctive, stands anywhere in a JSON value, as a key or as a text."""
        return self.is_distinctive and any(self._is_id(text) for text in _texts(value))

    def may_be_in(self, body: bytes) -> bool:
        """Tell whether bytes of JSON may hold the id, however it is spelled and escaped. False is certain."""
        folded = self._folded
        if (
            self.is_pseudonym
            or not folded.isascii()
            or _is_number(folded)
            or not body.isascii()
            or b"\\" in body
            or '"' in folded
        ):
            return True
        return folded.encode() in body.translate(_LOWER_CASE, _BLANKS)

    def stands_in(self, body: bytes) -> bool:
        """Tell whether the characters of the id stand anywhere in bytes that nobody can read as JSON."""
        text = _ESCAPE.sub(_unescape, body.decode(errors="replace"))
        # Escapes come in halves of what UTF-16 writes in two.
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return self._folded in folded_id(whole)

    def may_be_in_stored(self, text: str) -> bool:
        """The same of the JSON text of a stored event, where the id may be a pseudonym, and cut."""
        return len(self.id) > MAX_TEXT or any(known in text for known in self._known) or self.may_be_in(text.encode())

    def _is_id(self, value: Any) -> bool:
        """Tell whether a value is the id, and remember how it is spelled; or stands for it."""
        text = id_text(value)
        if not text:
            return False
        if text in self._known:
            return True
        if not (self._is_spelling(text) or (self.is_pseudonym and pseudonym(text) == self.id)):
            return False
        self._add_spelling(text)
        return True

    def _is_spelling(self, text: str) -> bool:
        if folded_id(text) == self._folded:
            return may_be_one_id(self.id, text, short_by_case=True)
        # What is stored of a long text is its beginning.
        return len(text) == MAX_TEXT and self.id.startswith(text)

    def _add_spelling(self, text: str) -> None:
        self.spellings.add(text)
        self._known |= {text, pseudonym(text)}


def _texts(value: Any) -> Iterator[str]:
    """Yield the keys and texts of a JSON value, however deep it is."""
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            yield from found
            pending.extend(found.values())
        elif isinstance(found, list):
            pending.extend(found)


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def _is_number(text: str) -> bool:
    """Tell whether an id may come as a number, which JSON writes in several ways."""
    try:
        float(text)
    except ValueError:
        return False
    return True
