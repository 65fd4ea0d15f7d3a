"""Schemas of older drafts of JSON Schema, said again in draft 2020-12.

What is valid stays valid and what is not stays so, with three exceptions, each of them noted: draft-04
refuses 1.0 as an integer; formats that a later draft defined are checked from now on; and the judge knows
no references that depend on the way they were reached. Specifications: draft-wright-json-schema-00 and -01,
draft-handrews-json-schema-01, and the release notes of 2019-09 and 2020-12.
"""

from dataclasses import dataclass
from typing import Any

from catalog.contract.json.pointers import pointer
from catalog.exchange.entry import Note, Problem
from catalog.exchange.json_schema.draft_keywords import FORMATS, KNOWN, LISTS, MAPS, ONE, WORDS, Draft, draft_of
from catalog.exchange.json_schema.reference_rewriting import External, References, Source, Tokens, Unresolved

MAX_TAKEN_ALONG = 100
_IDENTIFIERS = frozenset(("$schema", "$id", "id", "$anchor", "$vocabulary", "$recursiveAnchor", "$dynamicAnchor"))
_DYNAMIC = frozenset(("$recursiveRef", "$dynamicRef"))


@dataclass(frozen=True, slots=True)
class Converted:
    """A schema in 2020-12 with what to tell about it; worthless where there are problems."""

    schema: Any
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


def to_2020_12(schema: Any, *, default: Draft, external: External | None = None, uri: str = "") -> Converted:
    """Say a schema again in draft 2020-12, with every schema that it refers to under `$defs`.

    `default` is the draft where `$schema` names none; `external` finds other schemas of the upload by their
    URI; `uri` is the schema's own where its id does not say it. Identifiers are dropped and references
    become local pointers. Never raises: what cannot be said is among the problems.
    """
    draft = draft_of(schema, default)
    if draft is None:
        detail = f"{str(schema['$schema'])[:200]!r} is no draft of JSON Schema that is read here (04, 06, 07, 2019-09, "
        return Converted(None, problems=(Problem("/$schema", "unknown_draft", f"{detail}2020-12)."),))
    return _Conversion(Source(schema, draft, uri, "#"), external).run()


class _Conversion:
    """The work on one schema: walks it once, and then what it refers to."""

    def __init__(self, main: Source, external: External | None) -> None:
        self._main = main
        self._references = References(main, external)
        self._notes: list[Note] = []
        self._problems: list[Problem] = []
        self._dropped: dict[tuple[str, Draft], list[str]] = {}
        self._first_integer: str | None = None

    def run(self) -> Converted:
        schema = self._schema(self._main.schema, self._main, (), self._main.uri)
        taken: dict[str, Any] = {}
        while self._references.waiting:
            source = self._references.waiting.pop()
            taken[source.uri] = self._schema(source.schema, source, (), source.uri)
            if len(taken) > MAX_TAKEN_ALONG:
                self._problem("too_many_references", f"More than {MAX_TAKEN_ALONG} other schemas are referred to.", "")
                break
        if taken and isinstance(schema, dict):
            schema["$defs"] = schema.get("$defs", {}) | taken
        if self._first_integer is not None:
            what = "draft-04 refuses 1.0 where an integer is due; here a number without a fraction is one."
            self._notes.append(Note("whole_numbers", self._first_integer, what))
        for (keyword, draft), places in self._dropped.items():
            what = f"`{keyword[:100]}` means nothing in {draft.label} and is left out ({_times(len(places))})."
            self._notes.append(Note("unknown_keyword", places[0], what))
        return Converted(schema, tuple(self._notes), tuple(self._problems))

    def _schema(self, schema: Any, source: Source, tokens: Tokens, base: str) -> Any:
        where = self._where(source, tokens)
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            self._problem("not_a_schema", "A schema is an object, or true or false.", where)
            return True
        base = self._references.base_of(schema, base, source.draft)
        if source.draft <= Draft.DRAFT_07 and isinstance(schema.get("$ref"), str):
            schema = self._reference_alone(schema, where)
        made: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword in MAPS and isinstance(value, dict):
                self._map(keyword, value, source, tokens, base, made)
            elif keyword in ("items", "additionalItems") and keyword in KNOWN[source.draft]:
                self._items(keyword, schema, source, tokens, base, made)
            elif keyword in LISTS and isinstance(value, list) and keyword in KNOWN[source.draft]:
                made[keyword] = [
                    self._schema(child, source, (*tokens, keyword, str(position)), base)
                    for position, child in enumerate(value)
                ]
            elif keyword in ONE and keyword in KNOWN[source.draft]:
                made[keyword] = self._schema(value, source, (*tokens, keyword), base)
            else:
                self._plain(keyword, value, source, tokens, base, made)
        self._bounds(schema, made)
        return made

    def _map(
        self, keyword: str, value: dict[str, Any], source: Source, tokens: Tokens, base: str, made: dict[str, Any]
    ) -> None:
        if keyword not in KNOWN[source.draft]:
            self._drop(keyword, source, tokens)
            return
        for name, child in value.items():
            target, entry = "$defs" if keyword == "definitions" else keyword, child
            if keyword == "dependencies" and isinstance(child, list):
                target = "dependentRequired"
            else:
                target = "dependentSchemas" if keyword == "dependencies" else target
                entry = self._schema(child, source, (*tokens, keyword, name), base)
            made.setdefault(target, {})[name] = entry
        if not value and keyword in ("properties", "patternProperties"):
            made[keyword] = {}

    def _items(
        self, keyword: str, schema: dict[str, Any], source: Source, tokens: Tokens, base: str, made: dict[str, Any]
    ) -> None:
        """A list of items becomes `prefixItems`, and what may follow it `items`."""
        is_list = isinstance(schema.get("items"), list) and source.draft is not Draft.DRAFT_2020_12
        if keyword == "items" and not is_list:
            made["items"] = self._schema(schema["items"], source, (*tokens, "items"), base)
        elif keyword == "items" and schema["items"]:
            made["prefixItems"] = [
                self._schema(child, source, (*tokens, "items", str(position)), base)
                for position, child in enumerate(schema["items"])
            ]
        elif keyword == "additionalItems" and is_list:
            made["items"] = self._schema(schema["additionalItems"], source, (*tokens, "additionalItems"), base)

    def _plain(self, keyword: str, value: Any, source: Source, tokens: Tokens, base: str, made: dict[str, Any]) -> None:
        where = self._where(source, (*tokens, keyword))
        if keyword in _DYNAMIC and keyword in KNOWN[source.draft]:
            self._problem("dynamic_reference", f"`{keyword}` depends on how it is reached; that is not read.", where)
        elif keyword == "$ref" and isinstance(value, str):
            try:
                made["$ref"] = self._references.rewrite(value, base)
            except Unresolved as error:
                self._problem(error.code, str(error), where)
        elif keyword in _IDENTIFIERS and keyword in KNOWN[source.draft]:
            return  # references no longer need them
        elif keyword not in KNOWN[source.draft] and keyword not in WORDS and not keyword.startswith("x-"):
            self._drop(keyword, source, tokens)
        else:
            made[keyword] = value
            self._look_at(keyword, value, source, where)

    def _look_at(self, keyword: str, value: Any, source: Source, where: str) -> None:
        if keyword == "type" and source.draft is Draft.DRAFT_04 and "integer" in (value, *_listed(value)):
            self._first_integer = self._first_integer or where
        if keyword == "format" and value in FORMATS[Draft.DRAFT_2020_12] - FORMATS[source.draft]:
            what = f"The format `{value}` is younger than {source.draft.label}; values are held to it here."
            self._notes.append(Note("younger_format", where, what))

    def _reference_alone(self, schema: dict[str, Any], where: str) -> dict[str, Any]:
        """Up to draft-07 what stands beside `$ref` judges nothing; its words and definitions stay."""
        kept = {
            keyword: value
            for keyword, value in schema.items()
            if keyword in WORDS or keyword in ("$ref", "$schema", "definitions", "$defs", "id", "$id")
        }
        if lost := [keyword for keyword in schema if keyword not in kept]:
            what = f"Beside `$ref` these mean nothing in the source's draft and are left out: {', '.join(lost)[:200]}."
            self._notes.append(Note("beside_reference", where, what))
        return kept

    def _bounds(self, schema: dict[str, Any], made: dict[str, Any]) -> None:
        """Draft-04's `exclusiveMinimum: true` makes `minimum` the excluded bound itself."""
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if isinstance(schema.get(exclusive), bool) and exclusive in made:
                del made[exclusive]
                if schema[exclusive] and bound in made:
                    made[exclusive] = made.pop(bound)

    def _drop(self, keyword: str, source: Source, tokens: Tokens) -> None:
        self._dropped.setdefault((keyword, source.draft), []).append(self._where(source, (*tokens, keyword)))

    def _problem(self, code: str, detail: str, where: str) -> None:
        self._problems.append(Problem(where, code, detail))

    def _where(self, source: Source, tokens: Tokens) -> str:
        return pointer(tokens, below="" if source is self._main else f"{source.uri}#")


def _times(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
