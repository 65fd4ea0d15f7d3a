"""The keywords of JSON Schema, draft by draft: which hold schemas, which assert, which only annotate."""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Any


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


class Draft(IntEnum):
    """The drafts that importers read, in the order of their publication."""

    DRAFT_04 = 4
    DRAFT_06 = 6
    DRAFT_07 = 7
    DRAFT_2019_09 = 8
    DRAFT_2020_12 = 9

    @property
    def label(self) -> str:
        """The draft's name as its specification writes it."""
        return _LABELS[self]


_LABELS = {
    Draft.DRAFT_04: "draft-04",
    Draft.DRAFT_06: "draft-06",
    Draft.DRAFT_07: "draft-07",
    Draft.DRAFT_2019_09: "2019-09",
    Draft.DRAFT_2020_12: "2020-12",
}

SINGLE_SCHEMA_KEYWORDS = _word_set(
    """
    additionalItems additionalProperties contains contentSchema else if items not propertyNames then
    unevaluatedItems unevaluatedProperties
    """
)
"""Keywords whose value is one schema (`items` may also hold a list of them)."""

SCHEMA_LIST_KEYWORDS = _word_set("allOf anyOf oneOf prefixItems")
"""Keywords whose value is a list of schemas."""

SCHEMA_MAP_KEYWORDS = _word_set("$defs definitions dependencies dependentSchemas patternProperties properties")
"""Keywords whose value maps names to schemas."""

ANNOTATION_KEYWORDS = _word_set(
    """
    $comment default deprecated description examples readOnly title writeOnly contentEncoding
    contentMediaType contentSchema
    """
)
"""Annotations: they assert nothing, so one from a later draft is kept in a schema of an earlier one."""

_DRAFT_04 = _word_set(
    """
    additionalItems additionalProperties allOf anyOf dependencies enum exclusiveMaximum exclusiveMinimum
    format items maxItems maxLength maxProperties maximum minItems minLength minProperties minimum
    multipleOf not oneOf pattern patternProperties properties required type uniqueItems $ref $schema
    $defs definitions
    """
)
_DRAFT_06 = _DRAFT_04 | {"const", "contains", "propertyNames", "$id"}
_DRAFT_07 = _DRAFT_06 | {"if", "then", "else"}
_DRAFT_2019_09 = (_DRAFT_07 - {"dependencies"}) | _word_set(
    """
    $anchor $recursiveAnchor $recursiveRef $vocabulary dependentRequired dependentSchemas maxContains
    minContains unevaluatedItems unevaluatedProperties
    """
)
_DRAFT_2020_12 = (_DRAFT_2019_09 - {"additionalItems", "$recursiveAnchor", "$recursiveRef"}) | _word_set(
    "$dynamicAnchor $dynamicRef prefixItems"
)

KEYWORDS_BY_DRAFT = {
    Draft.DRAFT_04: _DRAFT_04 | {"id"},
    Draft.DRAFT_06: _DRAFT_06,
    Draft.DRAFT_07: _DRAFT_07,
    Draft.DRAFT_2019_09: _DRAFT_2019_09,
    Draft.DRAFT_2020_12: _DRAFT_2020_12,
}
"""The keywords of each draft besides annotations. `$defs` counts everywhere: pointers reach into it."""

_FORMATS_04 = _word_set("date-time email hostname ipv4 ipv6 uri")
_FORMATS_06 = _FORMATS_04 | {"json-pointer", "uri-reference", "uri-template"}
_FORMATS_07 = _FORMATS_06 | _word_set("date idn-email idn-hostname iri iri-reference regex relative-json-pointer time")
_FORMATS_2019 = _FORMATS_07 | {"duration", "uuid"}
FORMATS_BY_DRAFT = {
    Draft.DRAFT_04: _FORMATS_04,
    Draft.DRAFT_06: _FORMATS_06,
    Draft.DRAFT_07: _FORMATS_07,
    Draft.DRAFT_2019_09: _FORMATS_2019,
    Draft.DRAFT_2020_12: _FORMATS_2019,
}
"""The formats that each draft defines."""

_META_SCHEMA_URI = re.compile(r"https?://json-schema\.org/(?:draft-0([467])/schema|draft/(2019-09|2020-12)/schema)#?")
_IGLU_META_SCHEMA_URI = re.compile(r"https?://iglucentral\.com/schemas/com\.snowplowanalytics\.self-desc/schema/.*")


def detect_draft(schema: Any, default: Draft) -> Draft | None:
    """The draft that a schema names in `$schema`, `default` where it names none, None for one not read here."""
    schema_uri = schema.get("$schema") if isinstance(schema, dict) else None
    if schema_uri is None:
        return default
    if not isinstance(schema_uri, str):
        return None
    if _IGLU_META_SCHEMA_URI.fullmatch(schema_uri):  # Iglu's own meta-schema extends draft-04
        return Draft.DRAFT_04
    match = _META_SCHEMA_URI.fullmatch(schema_uri)
    if not match:
        return None
    if match[1]:
        return Draft(int(match[1]))
    return Draft.DRAFT_2019_09 if match[2] == "2019-09" else Draft.DRAFT_2020_12


def draft_subschemas(schema: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The schemas directly inside a schema, each with the pointer tokens that lead to it."""
    for keyword, value in schema.items():
        if keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
            for name, child in value.items():
                if not isinstance(child, list):  # a list in `dependencies` names properties
                    yield (keyword, name), child
        elif isinstance(value, list) and (keyword in SCHEMA_LIST_KEYWORDS or keyword == "items"):
            for position, child in enumerate(value):
                yield (keyword, str(position)), child
        elif keyword in SINGLE_SCHEMA_KEYWORDS:
            yield (keyword,), value
