"""What differs between two definitions, property by property, for people to read."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from catalog.contract.definition.definition_document import MEANING, WORDS, Document, parts_of
from catalog.contract.json.text import json_text
from catalog.contract.property_listing import PropertyLine, properties_of, written_out
from catalog.contract.schema.rule_descriptions import type_words
from catalog.contract.schema.subschemas import ANNOTATIONS

Kind = Literal["added", "removed", "changed", "words"]

_OTHER_LINES = frozenset({"properties", "required", "items", "patternProperties"})
"""Keywords that other lines of the list speak of."""


class Difference(Struct, frozen=True):
    """One difference.

    `path` is a definition path, or empty for the document itself; `field` what differs there (a keyword of
    JSON Schema, `required`, or a member of the document), empty where the whole property was added or
    removed; `before` and `after` are short texts, None where there is nothing.
    """

    kind: Kind
    path: str
    field: str
    before: str | None
    after: str | None

    def as_json(self) -> dict[str, str | None]:
        """Return the difference as the API shows it."""
        return {
            "kind": self.kind,
            "path": self.path,
            "field": self.field,
            "before": self.before,
            "after": self.after,
        }


def diff(old: Document | None, new: Document) -> list[Difference]:
    """Return what differs between two valid documents: the document's own members first, then its properties.

    Without an old one, everything is added. Differences that no line of a property shows (rules between
    properties) are told of the part as a whole.
    """
    before = {} if old is None else old
    return [*_of_members(before, new), *_of_parts(before, new), *_of_properties(before, new)]


def _of_members(old: Document, new: Document) -> Iterator[Difference]:
    for member in ("name", "call", *MEANING[1:], *WORDS):
        kind: Kind = "words" if member in WORDS else "changed"
        yield from _of_field(kind, "", member, old.get(member), new.get(member))
    before, after = old.get("per_source") or {}, new.get("per_source") or {}
    for source in sorted({*before, *after}):
        yield from _of_field("changed", "", f"per_source {source}", before.get(source), after.get(source))


def _of_parts(old: Document, new: Document) -> Iterator[Difference]:
    before, after = (parts_of(document) if document else {} for document in (old, new))
    for part in sorted({*before, *after}):
        yield from _of_keywords(f"/{part}", before.get(part, {}), after.get(part, {}))


def _of_properties(old: Document, new: Document) -> Iterator[Difference]:
    before = {line.path: line for line in properties_of(old)} if old else {}
    after = {line.path: line for line in properties_of(new)}
    for path, line in after.items():
        if path not in before:
            yield Difference("added", path, "", None, _summary(line))
            continue
        was = before[path]
        if was.is_required != line.is_required:
            yield Difference("changed", path, "required", _presence(was), _presence(line))
        yield from _of_keywords(path, was.schema, line.schema)
    for path, line in before.items():
        if path not in after:
            yield Difference("removed", path, "", _summary(line), None)


def _of_keywords(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    before, after = written_out(old, old), written_out(new, new)
    for keyword in [*before, *(keyword for keyword in after if keyword not in before)]:
        if keyword in _OTHER_LINES or (keyword == "additionalProperties" and isinstance(after.get(keyword), dict)):
            continue
        kind: Kind = "words" if keyword in ANNOTATIONS else "changed"
        yield from _of_field(kind, path, keyword, before.get(keyword), after.get(keyword))


def _of_field(kind: Kind, path: str, field: str, before: Any, after: Any) -> Iterator[Difference]:
    if before != after:
        yield Difference(kind, path, field, _text(before), _text(after))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else json_text(value, 1_000)


def _summary(line: PropertyLine) -> str:
    return ", ".join([type_words(line.type_label), _presence(line), *line.constraints])


def _presence(line: PropertyLine) -> str:
    return "required" if line.is_required else "optional"
