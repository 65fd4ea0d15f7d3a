"""Words of a definition that mean nothing here: keywords, members of the document, and formats."""

from collections.abc import Iterator
from typing import Any

from catalog.contract.definition.definition_document import DOCUMENT_MEMBERS
from catalog.contract.json.pointers import format_pointer
from catalog.contract.json.text import json_text
from catalog.contract.lint.definition_subject import DefinitionSubject
from catalog.contract.lint.known_words import (
    EXTENSION_PREFIXES,
    JSON_TYPES,
    KNOWN_KEYWORDS,
    nearest_format,
    nearest_keyword,
    nearest_word,
)
from catalog.contract.lint.lint_rule import LintMatch, LintRule, LintSeverity, LintText
from catalog.contract.schema.subschemas import SCHEMA_LIST_KEYWORDS
from catalog.contract.schema.validator import CHECKED_FORMATS

_BOOLEAN_KEYWORDS = frozenset(
    {"additionalProperties", "unevaluatedProperties", "uniqueItems", "required", "deprecated", "readOnly", "writeOnly"}
)
"""Keywords that are often true or false, which among the properties is a schema, too."""


def _misspelled_keywords(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for path, keyword, value, holder in _unknown_keywords(subject):
        if meant := _meaning_of(keyword, value, holder):
            detail = f"{json_text(keyword)} is no keyword of JSON Schema, so nobody checks it. {meant}"
            yield LintMatch(path=path, detail=detail, subject=value)
    for path, keyword, value in _keywords_among_properties(subject):
        effect = "allows anything under that name" if value else "forbids a property of that name"
        detail = f"Among the properties, {json_text(keyword)} {effect} and does nothing else. Put it beside properties."
        yield LintMatch(path=path, detail=detail, subject=value)


def _keywords_among_properties(subject: DefinitionSubject) -> Iterator[tuple[str, str, bool]]:
    """Yield the path, the word and the value of each keyword that stands one step too deep."""
    for part in subject.parts:
        for tokens, schema in part.schemas:
            for name, value in schema.get("properties", {}).items():
                if name in _BOOLEAN_KEYWORDS and isinstance(value, bool):
                    yield part.path((*tokens, "properties", name)), name, value


def _foreign_keywords(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for path, keyword, value, holder in _unknown_keywords(subject):
        if not _meaning_of(keyword, value, holder):
            detail = f"{json_text(keyword)} is no keyword of JSON Schema: it is kept, and nobody checks it."
            yield LintMatch(path=path, detail=detail, subject=value)


def _meaning_of(keyword: str, value: Any, holder: dict[str, Any]) -> str:
    """Return in a sentence what was probably meant by an unknown keyword of a schema; "" for a word of another tool."""
    if nearest := nearest_keyword(keyword):
        return f"Did you mean {nearest}?"
    is_own_word = keyword.startswith(EXTENSION_PREFIXES)
    if _describes_value(value) and "object" in holder.get("type", "object") and not is_own_word:
        return "Put it under properties, if it describes a property."
    return ""


def _describes_value(value: Any) -> bool:
    """Tell whether a value can only be a schema: it names a type, refers to one of the definitions, or offers some."""
    if not isinstance(value, dict):
        return False
    reference = value.get("$ref")
    return (
        _is_type(value.get("type"))
        or (isinstance(reference, str) and reference.startswith("#"))
        or isinstance(value.get("enum"), list)
        or any(isinstance(value.get(keyword), list) for keyword in SCHEMA_LIST_KEYWORDS)
    )


def _is_type(value: Any) -> bool:
    """Tell whether a value names a type, or several, as the keyword *type* does."""
    types = value if isinstance(value, list) else [value]
    return bool(types) and all(isinstance(each, str) and each in JSON_TYPES for each in types)


def _unknown_keywords(subject: DefinitionSubject) -> Iterator[tuple[str, str, object, dict[str, Any]]]:
    """Yield the path, the word and the value of each keyword that nobody knows, with the schema that holds it."""
    for part in subject.parts:
        for tokens, schema in part.schemas:
            for keyword in schema:
                if keyword not in KNOWN_KEYWORDS:
                    yield part.path((*tokens, keyword)), keyword, schema[keyword], schema


def _misspelled_members(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for member, value in subject.document.items():
        if member not in DOCUMENT_MEMBERS and (nearest := nearest_word(member, DOCUMENT_MEMBERS)):
            detail = f"{json_text(member)} is no member of a definition, so nobody reads it. Did you mean {nearest}?"
            yield LintMatch(path=format_pointer((member,)), detail=detail, subject=value)


def _unknown_formats(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for part in subject.parts:
        for tokens, schema in part.schemas:
            name = schema.get("format")
            if not isinstance(name, str) or name in CHECKED_FORMATS:
                continue
            nearest = nearest_format(name)
            advice = f"Did you mean {nearest}?" if nearest else "Say it with a pattern, a type or in the description."
            detail = f"{json_text(name)} is no format of JSON Schema, so nobody checks it. {advice}"
            yield LintMatch(path=part.path((*tokens, "format")), detail=detail, subject=name)


UNKNOWN_KEYWORD = LintRule(
    code="unknown_keyword",
    severity=LintSeverity.ERROR,
    check=_misspelled_keywords,
    text=LintText(
        what=(
            "A word that looks like a keyword of JSON Schema and is none, a property outside of properties, or a "
            "keyword among them."
        ),
        bad='{"type": "string", "maxlength": 20}',
        good='{"type": "string", "maxLength": 20}',
    ),
)
FOREIGN_KEYWORD = LintRule(
    code="foreign_keyword",
    severity=LintSeverity.NOTE,
    check=_foreign_keywords,
    text=LintText(
        what="A word that belongs to another tool: it is kept, and nobody checks it.",
        bad='{"type": "string", "tracker": "v3"}',
        good='{"type": "string", "description": "From tracker v3 on"}',
    ),
)
UNKNOWN_MEMBER = LintRule(
    code="unknown_member",
    severity=LintSeverity.ERROR,
    check=_misspelled_members,
    text=LintText(
        what="A member of the definition document that looks like a known one, and is none.",
        bad='{"name": "Order Completed", "discription": "An order is paid.", "schema": {"type": "object"}}',
        good='{"name": "Order Completed", "description": "An order is paid.", "schema": {"type": "object"}}',
    ),
)
UNKNOWN_FORMAT = LintRule(
    code="unknown_format",
    severity=LintSeverity.ERROR,
    check=_unknown_formats,
    text=LintText(
        what="A format that JSON Schema does not have.",
        bad='{"type": "string", "format": "datetime"}',
        good='{"type": "string", "format": "date-time"}',
    ),
)
