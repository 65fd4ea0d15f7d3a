"""One lint: the form, the API, the importers and the command say the same of the same definition."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from catalog.contract import LintIssue, LintSeverity, find_problems, lint_definition
from catalog.exchange.definition_assembly import assemble_definition, convert_part
from catalog.exchange.json_schema.draft_keywords import Draft
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.page_text import one_line
from tests.requests.pages.html_forms import form_values

pytestmark = pytest.mark.django_db

_METHODS = {"enum": ["card", "cash", "coin"]}
_CARD, _CASH = ({"properties": {"a": {"const": value}}, "required": ["a"]} for value in ("card", "cash"))
_OF_ONE_PROPERTY: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "maxlength": 20},
    {"type": "string", "format": "datetime"},
    {"type": "integer", "minimum": 5, "maximum": 1},
    {"type": "string", "enum": [1, 2]},
    {"type": "string", "anyOf": [{"maxLength": 5}, {"type": "integer"}]},
    {"type": ["string", "null"], "enum": ["card", "cash"]},
    {"type": "string", "enum": ["one", 2]},
    {"type": "integer", "maxLength": 3},
    {"type": "string", "tracker": "v3"},
    {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku", "price"]},
    {"type": "object", "properties": {str(number): {} for number in range(1000, 1030)}},
    {"type": "string", "pattern": "^([a-z]{1,60}-){1,60}$"},
    {"type": "string", "pattern": "^[a-z]{3}$", "maxLength": 2},
    {"type": "string", "pattern": "^[a-z]{3}$", "maxLength": 3},
    {"type": "array", "items": {"type": "object", "properties": {"a": _METHODS}, "anyOf": [_CARD]}},
    {"type": "array", "items": False, "minItems": 1},
    {"type": "array", "contains": {"type": "string"}, "items": {"type": "integer"}},
    {"type": "array", "allOf": [{"contains": {"const": number}} for number in range(200)]},
    {"oneOf": [{"type": "string"}, {"type": "string"}]},
    {"type": "string", "minContains": 2, "then": {"const": "a"}},
    {"type": "integer", "multipleOf": 10, "minimum": 11, "maximum": 19},
    {"not": {}},
]
_OF_THE_EVENT: list[dict[str, Any]] = [
    {"anyOf": [_CARD, _CASH]},
    {"anyOf": [_CARD, _CASH], "required": ["a"]},
    {"not": {"required": ["a"]}},
    {"required": ["b"], "maxProperties": 1, "properties": {"a": {}, "b": {}}},
    {"if": {}, "else": {"required": ["a"]}},
    {"dependentRequired": {"a": ["nothing"]}},
    {"$defs": {"a": _METHODS}, "properties": {"a": {"$ref": "#/$defs/a"}}, "anyOf": [_CARD]},
    {"oneOf": [{"required": ["a"]}, {"required": ["a"], "properties": {"a": {"const": "card"}}}]},
]
SCHEMAS = [
    *({"type": "object", "properties": {"a": schema}} for schema in _OF_ONE_PROPERTY),
    *({"type": "object", "properties": {"a": _METHODS}} | schema for schema in _OF_THE_EVENT),
]


def linted(schema: dict[str, Any]) -> tuple[dict[str, Any], list[LintIssue]]:
    document = definition("Wish Made", schema=schema)
    assert find_problems(document) == []
    return document, lint_definition(document)


@pytest.fixture
def members() -> TeamFixture:
    return TeamFixture.create()


def test_the_command_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps([linted(schema)[0] | {"name": f"Wish {n}"} for n, schema in enumerate(SCHEMAS)]))
    with pytest.raises(SystemExit):
        call_command("lint_definitions", str(path))
    lines = capsys.readouterr().out.splitlines()
    for number, schema in enumerate(SCHEMAS):
        start = re.compile(rf"(\w+) +{re.escape(str(path))} Wish {number}: ")
        found = [(match[1], text[match.end() :]) for text in lines if (match := start.match(text))]
        assert found == [(issue.severity.value, f"{issue.sentence} ({issue.code})") for issue in linted(schema)[1]]


def test_an_importer_says_it_as_notes() -> None:
    for schema in SCHEMAS:
        document, issues = linted(schema)
        part = convert_part(schema, default=Draft.DRAFT_2020_12)
        assembled = assemble_definition(name="Wish Made", call=document["call"], schema=part)
        assert assembled.document is not None
        told = {(note.code, note.where, note.what) for note in assembled.notes}
        if assembled.document["schema"] != schema:  # a word that nobody knows is left out, and told as that
            issues = lint_definition(assembled.document)
            assert {note.code for note in part.notes} & {"unknown_keyword", "unknown_format"}
        assert {(issue.code, issue.path, issue.sentence) for issue in issues} <= told


def test_the_api_says_it(members: TeamFixture, api_of: Callable[..., APIClient]) -> None:
    api = api_of(members.pm)
    for number, schema in enumerate(SCHEMAS):
        document, issues = linted(schema)
        change = {"action": "create", "definition": document | {"name": f"Wish {number}"}}
        answer = api.post("/api/v1/requests/", {"title": "Know what people wish for", "changes": [change]}).json()
        if errors := [issue for issue in issues if issue.severity is LintSeverity.ERROR]:
            details = [error["detail"] for error in answer["errors"]]
            assert details == [f"{issue.path}: {issue.detail}" for issue in errors]
        else:
            assert answer["changes"][0]["lint"] == [issue.as_json() for issue in issues]


def test_the_form_says_it_while_somebody_types(members: TeamFixture, client_of: Callable[..., Client]) -> None:
    client = client_of(members.pm)
    request = RequestFactory.draft(members=members, document=definition("Wish Made")).request
    values = form_values(client.get(f"/requests/{request.pk}/edit/"))
    for schema in SCHEMAS:
        document, issues = linted(schema)
        answer = client.post("/requests/library/", values | {"change-json": json.dumps(document)})
        page = html.unescape(one_line(answer.content.decode()))
        assert {issue.detail for issue in issues if issue.detail not in page} == set()
