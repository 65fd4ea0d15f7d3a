"""Conversion of schemas of older drafts of JSON Schema to draft 2020-12.

What is valid stays valid and what is not stays so, with three exceptions, each of them noted: draft-04
refuses 1.0 as an integer; formats that a later draft defined are checked from now on; and the validator knows
no references that depend on the way they were reached. Specifications: draft-wright-json-schema-00 and -01,
draft-handrews-json-schema-01, and the release notes of 2019-09 and 2020-12.
"""

from dataclasses import dataclass
from typing import Any

from catalog.contract.json.pointers import format_pointer
from catalog.contract.lint.known_words import nearest_keyword
from catalog.exchange.entry import Note, Problem
from catalog.exchange.json_schema.draft_keywords import (
    ANNOTATION_KEYWORDS,
    FORMATS_BY_DRAFT,
    KEYWORDS_BY_DRAFT,
    SCHEMA_LIST_KEYWORDS,
    SCHEMA_MAP_KEYWORDS,
    SINGLE_SCHEMA_KEYWORDS,
    Draft,
    detect_draft,
)
from catalog.exchange.json_schema.reference_rewriting import (
    ExternalSchemaLookup,
    ReferenceRewriter,
    SchemaResource,
    Tokens,
    UnresolvedReference,
)

MAX_EXTERNAL_SCHEMAS = 100
_IDENTIFIER_KEYWORDS = frozenset(
    ("$schema", "$id", "id", "$anchor", "$vocabulary", "$recursiveAnchor", "$dynamicAnchor")
)
_DYNAMIC_REFERENCES = frozenset(("$recursiveRef", "$dynamicRef"))


@dataclass(frozen=True, slots=True)
class ConvertedSchema:
    """A schema in 2020-12 with notes about its conversion; not to be used where there are problems."""

    schema: Any
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


def convert_to_2020_12(
    schema: Any, *, default: Draft, external: ExternalSchemaLookup | None = None, uri: str = ""
) -> ConvertedSchema:
    """Convert a schema to draft 2020-12, with every schema that it refers to under `$defs`.

    `default` is the draft where `$schema` names none; `external` finds other schemas of the upload by their
    URI; `uri` is the schema's own where its id does not say it. Identifiers are dropped and references
    become local pointers. Never raises: what cannot be expressed is among the problems.
    """
    draft = detect_draft(schema, default)
    if draft is None:
        detail = f"{str(schema['$schema'])[:200]!r} is no draft of JSON Schema that is read here (04, 06, 07, 2019-09, "
        return ConvertedSchema(None, problems=(Problem("/$schema", "unknown_draft", f"{detail}2020-12)."),))
    return _DraftConverter(SchemaResource(schema, draft, uri, "#"), external).convert()


class _DraftConverter:
    """Converts one schema, and then what it refers to."""

    def __init__(self, main: SchemaResource, external: ExternalSchemaLookup | None) -> None:
        self._main = main
        self._references = ReferenceRewriter(main, external)
        self._notes: list[Note] = []
        self._problems: list[Problem] = []
        self._dropped_keywords: dict[tuple[str, Draft], list[str]] = {}
        self._first_integer: str | None = None

    def convert(self) -> ConvertedSchema:
        schema = self._convert_schema(self._main.schema, self._main, (), self._main.uri)
        external_schemas: dict[str, Any] = {}
        while self._references.pending_resources:
            source = self._references.pending_resources.pop()
            external_schemas[source.uri] = self._convert_schema(source.schema, source, (), source.uri)
            if len(external_schemas) > MAX_EXTERNAL_SCHEMAS:
                self._add_problem(
                    "too_many_references", f"More than {MAX_EXTERNAL_SCHEMAS} other schemas are referred to.", ""
                )
                break
        if external_schemas and isinstance(schema, dict):
            schema["$defs"] = schema.get("$defs", {}) | external_schemas
        if self._first_integer is not None:
            text = "draft-04 refuses 1.0 where an integer is due; here a number without a fraction is one."
            self._notes.append(Note("whole_numbers", self._first_integer, text))
        for (keyword, draft), places in self._dropped_keywords.items():
            nearest = nearest_keyword(keyword)
            advice = f" Did you mean {nearest}?" if nearest else ""
            count = _place_count(len(places))
            text = f"`{keyword[:100]}` means nothing in {draft.label} and is left out ({count}).{advice}"
            self._notes.append(Note("unknown_keyword", places[0], text))
        return ConvertedSchema(schema, tuple(self._notes), tuple(self._problems))

    def _convert_schema(self, schema: Any, source: SchemaResource, tokens: Tokens, base: str) -> Any:
        place = self._pointer_to(source, tokens)
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            self._add_problem("not_a_schema", "A schema is an object, or true or false.", place)
            return True
        base = self._references.base_uri_of(schema, base, source.draft)
        if source.draft <= Draft.DRAFT_07 and isinstance(schema.get("$ref"), str):
            schema = self._without_ref_siblings(schema, place)
        converted: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
                self._convert_schema_map(keyword, value, source, tokens, base, converted)
            elif keyword in ("items", "additionalItems") and keyword in KEYWORDS_BY_DRAFT[source.draft]:
                self._convert_items(keyword, schema, source, tokens, base, converted)
            elif (
                keyword in SCHEMA_LIST_KEYWORDS
                and isinstance(value, list)
                and keyword in KEYWORDS_BY_DRAFT[source.draft]
            ):
                converted[keyword] = [
                    self._convert_schema(child, source, (*tokens, keyword, str(position)), base)
                    for position, child in enumerate(value)
                ]
            elif keyword in SINGLE_SCHEMA_KEYWORDS and keyword in KEYWORDS_BY_DRAFT[source.draft]:
                converted[keyword] = self._convert_schema(value, source, (*tokens, keyword), base)
            else:
                self._convert_other_keyword(keyword, value, source, tokens, base, converted)
        self._convert_exclusive_bounds(schema, converted)
        return converted

    def _convert_schema_map(
        self,
        keyword: str,
        value: dict[str, Any],
        source: SchemaResource,
        tokens: Tokens,
        base: str,
        converted: dict[str, Any],
    ) -> None:
        if keyword not in KEYWORDS_BY_DRAFT[source.draft]:
            self._drop_keyword(keyword, source, tokens)
            return
        for name, child in value.items():
            target, entry = "$defs" if keyword == "definitions" else keyword, child
            if keyword == "dependencies" and isinstance(child, list):
                target = "dependentRequired"
            else:
                target = "dependentSchemas" if keyword == "dependencies" else target
                entry = self._convert_schema(child, source, (*tokens, keyword, name), base)
            converted.setdefault(target, {})[name] = entry
        if not value and keyword in ("properties", "patternProperties"):
            converted[keyword] = {}

    def _convert_items(
        self,
        keyword: str,
        schema: dict[str, Any],
        source: SchemaResource,
        tokens: Tokens,
        base: str,
        converted: dict[str, Any],
    ) -> None:
        """A list of items becomes `prefixItems`, and what may follow it `items`."""
        is_list = isinstance(schema.get("items"), list) and source.draft is not Draft.DRAFT_2020_12
        if keyword == "items" and not is_list:
            converted["items"] = self._convert_schema(schema["items"], source, (*tokens, "items"), base)
        elif keyword == "items" and schema["items"]:
            converted["prefixItems"] = [
                self._convert_schema(child, source, (*tokens, "items", str(position)), base)
                for position, child in enumerate(schema["items"])
            ]
        elif keyword == "additionalItems" and is_list:
            converted["items"] = self._convert_schema(
                schema["additionalItems"], source, (*tokens, "additionalItems"), base
            )

    def _convert_other_keyword(
        self, keyword: str, value: Any, source: SchemaResource, tokens: Tokens, base: str, converted: dict[str, Any]
    ) -> None:
        place = self._pointer_to(source, (*tokens, keyword))
        if keyword in _DYNAMIC_REFERENCES and keyword in KEYWORDS_BY_DRAFT[source.draft]:
            self._add_problem(
                "dynamic_reference", f"`{keyword}` depends on how it is reached; that is not read.", place
            )
        elif keyword == "$ref" and isinstance(value, str):
            try:
                converted["$ref"] = self._references.rewrite(value, base)
            except UnresolvedReference as error:
                self._add_problem(error.code, str(error), place)
        elif keyword == "type" and "any" in (value, *_as_list(value)):
            text = "`any` is no type of JSON; it says that every type is valid, so no type is asked for."
            self._notes.append(Note("any_type", place, text))
        elif keyword in _IDENTIFIER_KEYWORDS and keyword in KEYWORDS_BY_DRAFT[source.draft]:
            return  # references no longer need them
        elif (
            keyword not in KEYWORDS_BY_DRAFT[source.draft]
            and keyword not in ANNOTATION_KEYWORDS
            and not keyword.startswith("x-")
        ):
            self._drop_keyword(keyword, source, tokens)
        else:
            converted[keyword] = value
            self._note_stricter_meaning(keyword, value, source, place)

    def _note_stricter_meaning(self, keyword: str, value: Any, source: SchemaResource, where: str) -> None:
        if keyword == "type" and source.draft is Draft.DRAFT_04 and "integer" in (value, *_as_list(value)):
            self._first_integer = self._first_integer or where
        if keyword == "format" and value in FORMATS_BY_DRAFT[Draft.DRAFT_2020_12] - FORMATS_BY_DRAFT[source.draft]:
            what = f"The format `{value}` is younger than {source.draft.label}; values are held to it here."
            self._notes.append(Note("younger_format", where, what))

    def _without_ref_siblings(self, schema: dict[str, Any], where: str) -> dict[str, Any]:
        """Up to draft-07 keywords beside `$ref` assert nothing; annotations and definitions are kept."""
        kept = {
            keyword: value
            for keyword, value in schema.items()
            if keyword in ANNOTATION_KEYWORDS or keyword in ("$ref", "$schema", "definitions", "$defs", "id", "$id")
        }
        if dropped := [keyword for keyword in schema if keyword not in kept]:
            what = (
                f"Beside `$ref` these mean nothing in the source's draft and are left out: {', '.join(dropped)[:200]}."
            )
            self._notes.append(Note("beside_reference", where, what))
        return kept

    def _convert_exclusive_bounds(self, schema: dict[str, Any], converted: dict[str, Any]) -> None:
        """Draft-04's `exclusiveMinimum: true` makes `minimum` the excluded bound itself."""
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if isinstance(schema.get(exclusive), bool) and exclusive in converted:
                del converted[exclusive]
                if schema[exclusive] and bound in converted:
                    converted[exclusive] = converted.pop(bound)

    def _drop_keyword(self, keyword: str, source: SchemaResource, tokens: Tokens) -> None:
        self._dropped_keywords.setdefault((keyword, source.draft), []).append(
            self._pointer_to(source, (*tokens, keyword))
        )

    def _add_problem(self, code: str, detail: str, where: str) -> None:
        self._problems.append(Problem(where, code, detail))

    def _pointer_to(self, source: SchemaResource, tokens: Tokens) -> str:
        return format_pointer(tokens, prefix="" if source is self._main else f"{source.uri}#")


def _place_count(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
