"""What would cost too much of every event is an error where it is written, and never where it was before."""

from __future__ import annotations

import time
from typing import Any

import pytest

from catalog.contract import Authorship, LintSeverity, compile_contract, find_problems, lint_definition
from catalog.contract.schema.cost_limits import MAX_BRANCHES, MAX_PATTERN_SIZE, MAX_SUBSCHEMAS


def definition(properties: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, **keywords}
    return {"name": "Signed Up", "call": "track", "kind": "standard", "schema": schema}


def text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


COSTLY = {
    "/schema/properties/a/pattern": definition({"a": text("a" * (MAX_PATTERN_SIZE + 1))}),
    "/schema/properties/b/pattern": definition({"a": text("a"), "b": text(f"a[ab]{{{MAX_PATTERN_SIZE}}}c")}),
    "/schema/patternProperties/a{3000}": definition({}, patternProperties={"a{3000}": {}}),
    "/schema/properties/a/anyOf": definition({"a": {"anyOf": [{"const": n} for n in range(MAX_BRANCHES + 1)]}}),
    "/schema/allOf": definition({}, allOf=[{"propertyNames": text(f"^a{n}")} for n in range(5_000)]),
    "/schema/patternProperties": definition({}, patternProperties={f"^a{n}": {} for n in range(MAX_BRANCHES + 1)}),
    "/schema": definition({f"p{n}": {} for n in range(MAX_SUBSCHEMAS)}),
}
REPEATED = definition(
    {"a": {"allOf": [{"$ref": "#/$defs/long"}] * 60}}, **{"$defs": {"long": text("a[ab]{900}c")}}
)  # small where it stands, large once its references are written out


def errors(document: dict[str, Any], **options: Any) -> list[tuple[str, str]]:
    found = lint_definition(document, **options)
    return [(issue.code, issue.path) for issue in found if issue.severity is LintSeverity.ERROR]


@pytest.mark.parametrize("path", COSTLY)
def test_what_costs_too_much_is_an_error_at_its_place_and_found_soon(path: str) -> None:
    began = time.monotonic()
    assert ("too_costly", path) in errors(COSTLY[path])
    assert time.monotonic() - began < 5


def test_patterns_count_as_often_as_references_apply_them() -> None:
    assert errors(REPEATED) == [("too_costly", "/schema")]


@pytest.mark.parametrize("document", [*COSTLY.values(), REPEATED], ids=[*COSTLY, "repeated"])
def test_what_was_there_before_goes_on_and_blocks_no_change_beside_it(document: dict[str, Any]) -> None:
    changed = document | {"description": "Somebody signed up."}
    assert find_problems(document) == []
    compile_contract(document)
    assert errors(changed, parent=document) == []
    assert errors(document, authorship=Authorship.IMPORTER) == []


def test_a_second_costly_pattern_is_an_error_beside_one_from_before() -> None:
    before = COSTLY["/schema/properties/a/pattern"]
    after = definition(before["schema"]["properties"] | {"b": text("b" * 1_001)})
    assert errors(after, parent=before) == [("too_costly", "/schema/properties/b/pattern")]


def test_what_people_write_costs_too_little_to_be_told() -> None:
    uuid = text("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
    texts = {f"t{n}": text(r"^.{1,255}$") for n in range(50)}
    ids = {f"id{n}": uuid for n in range(100)}
    assert errors(definition(texts | ids, anyOf=[{"required": [f"id{n}"]} for n in range(100)])) == []
