"""What differs between two definitions, property by property, for people to read."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from catalog.contract.comparison.schema_normalization import is_annotation
from catalog.contract.definition.definition_document import ANNOTATION_MEMBERS, SEMANTIC_MEMBERS, Document, part_schemas
from catalog.contract.json.equality import json_equal
from catalog.contract.json.pointers import ABSENT
from catalog.contract.json.text import json_text
from catalog.contract.property_listing import PropertySummary, flatten_schema, list_properties
from catalog.contract.schema.rule_descriptions import describe_type

DifferenceKind = Literal["added", "removed", "changed", "words"]

_SEPARATELY_LISTED_KEYWORDS = frozenset({"properties", "required", "items", "patternProperties"})
"""Keywords that other lines of the list cover."""


class Difference(Struct, frozen=True):
    """One difference.

    `path` is a definition path, or empty for the document itself; `field` what differs there (a keyword of
    JSON Schema, `required`, or a member of the document), empty where the whole property was added or
    removed; `before` and `after` are short texts, None where there is nothing.
    """

    kind: DifferenceKind
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
    properties) are listed for the part as a whole.
    """
    before = {} if old is None else old
    return [*_member_differences(before, new), *_part_differences(before, new), *_property_differences(before, new)]


def _member_differences(old: Document, new: Document) -> Iterator[Difference]:
    for member in ("name", "call", *SEMANTIC_MEMBERS[1:], *ANNOTATION_MEMBERS):
        kind: DifferenceKind = "words" if member in ANNOTATION_MEMBERS else "changed"
        yield from _field_differences(kind, "", member, _member(old, member), _member(new, member))
    before, after = old.get("per_source") or {}, new.get("per_source") or {}
    for source in sorted({*before, *after}):
        entries = _member(before, source), _member(after, source)
        yield from _field_differences("changed", "", f"per_source {source}", *entries)


def _member(container: dict[str, Any], name: str) -> Any:
    """Return a member of a document; null says as little as a member that is not there."""
    value = container.get(name)
    return ABSENT if value is None else value


def _part_differences(old: Document, new: Document) -> Iterator[Difference]:
    before, after = (part_schemas(document) if document else {} for document in (old, new))
    for part in sorted({*before, *after}):
        yield from _keyword_differences(f"/{part}", before.get(part, {}), after.get(part, {}))


def _property_differences(old: Document, new: Document) -> Iterator[Difference]:
    before = {line.path: line for line in list_properties(old, with_examples=False)} if old else {}
    after = {line.path: line for line in list_properties(new, with_examples=False)}
    for path, line in after.items():
        if path not in before:
            yield Difference("added", path, "", None, _summary(line))
            continue
        previous = before[path]
        if previous.is_required != line.is_required:
            yield Difference("changed", path, "required", _presence(previous), _presence(line))
        yield from _keyword_differences(path, previous.schema, line.schema)
    for path, line in before.items():
        if path not in after:
            yield Difference("removed", path, "", _summary(line), None)


def _keyword_differences(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    before, after = flatten_schema(old, old), flatten_schema(new, new)
    for keyword in [*before, *(keyword for keyword in after if keyword not in before)]:
        if keyword in _SEPARATELY_LISTED_KEYWORDS or (
            keyword == "additionalProperties" and isinstance(after.get(keyword), dict)
        ):
            continue
        kind: DifferenceKind = "words" if is_annotation(keyword) else "changed"
        yield from _field_differences(kind, path, keyword, before.get(keyword, ABSENT), after.get(keyword, ABSENT))


def _field_differences(kind: DifferenceKind, path: str, field: str, before: Any, after: Any) -> Iterator[Difference]:
    if not json_equal(before, after):
        yield Difference(kind, path, field, _short_text(before), _short_text(after))


def _short_text(value: Any) -> str | None:
    if value is ABSENT:
        return None
    return value if isinstance(value, str) else json_text(value, 1_000)


def _summary(line: PropertySummary) -> str:
    return ", ".join([describe_type(line.type_label), _presence(line), *line.constraints])


def _presence(line: PropertySummary) -> str:
    return "required" if line.is_required else "optional"
