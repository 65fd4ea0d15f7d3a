"""Programs are answered whatever they send: no path, query or body of the API is a failure of ours."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.contract.definition.definition_document import DOCUMENT_MEMBERS
from tests.factories.catalog import definition
from tests.hostile.every_address import Rows, addresses, escape
from tests.hostile.hostile_values import ALL, CONTENT_TYPES, JSON_BODIES, JSON_VALUES, MOMENTS, some
from tests.hostile.server_errors import gathered_server_errors

pytestmark = pytest.mark.django_db
API = [each for each in addresses() if each.is_api]
WRITES = [(each, method) for each in API for method in each.methods if method != "get"]
JSON = "application/json"


@pytest.fixture
def program(rows: Rows, api_of: Callable[..., APIClient]) -> APIClient:
    """A program of somebody who may do everything."""
    client = api_of(rows.user)
    client.raise_request_exception = False
    return client


def bodies(rows: Rows) -> dict[str, dict[str, Any]]:
    """Return a body for each address that takes one, with every member that it knows."""
    document = definition("Order Returned")
    change = {
        "action": "create",
        "event": None,
        "definition": document,
        "sources": [rows.values["slug"]],
        "successor": None,
        "has_no_successor": True,
        "ends_on": "2030-01-01",
        "name_reason": "why",
    }
    request = {
        "title": "t",
        "question": "q",
        "decision": "d",
        "metric": "m",
        "message": "m",
        "reason": "r",
        "priority": "normal",
        "expected_per_day": 5,
        "review_by": "2030-01-01",
        "owner": rows.members.pm.username,
        "team": rows.members.team.slug,
    }
    evidence = {"ids": [1], "sample": 1}
    return {
        "event-list": {**dict.fromkeys(DOCUMENT_MEMBERS), **document, "sources": [], "name_reason": "why"},
        "request-list": request | {"changes": [change]},
        "request-detail": request | {"revision": 1},
        "request-transitions": {"to": "requested", "comment": "c", "revision": 1, "evidence": {"replay": "t"}},
        "approval-list": {"comment": "c", "evidence": {"replay": "t"}},
        "delivery-transitions": {"to": "tested", "comment": "c", "app_version": "1", "evidence": evidence},
        "finding-transitions": {"to": "planned", "reason": "r", "resolved_in": "1"},
        "finding-null-handling": {"null_handling": "error", "applies_to": "source"},
        "finding-exemption": {"is_exempt": True, "reason": "r"},
        "deploy-list": {"environment": "staging", "version": "1", "at": "2026-01-01T00:00:00Z"},
        "source-null-handling": {"null_handling": "error"},
        "company_policy": {"null_handling": "error"},
        "check": {
            "source": rows.values["slug"],
            "environment": "staging",
            "version": "newest",
            "strict": True,
            "call": "track",
            "wire": "segment",
            "context": {},
            "sentAt": None,
            "events": [{"type": "track", "event": "Order Completed", "properties": {"total": 1}}],
        },
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every member and item of a value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [each for key, inner in items for each in places(inner, (*path, key))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """Return a copy of a value with another one at a path."""
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy


def test_no_value_of_a_path_or_a_query_fails(rows: Rows, program: APIClient) -> None:
    with gathered_server_errors() as errors:
        for turn, address in enumerate(each for each in API if "get" in each.methods):
            filterset: Any = getattr(address.view, "filterset_class", None)
            names = [*(filterset.base_filters if filterset else ()), "cursor", "page_size", "format", "replay"]
            for url in address.hostile_urls(rows.arguments(address), some(ALL, turn)):
                errors.send(program, "GET", url)
            url = address.url(rows.arguments(address))
            for number, name in enumerate(names):
                for value in some(ALL, turn + number):
                    errors.send(program, "GET", f"{url}?{name}={escape(value)}")


def test_no_place_that_a_cursor_names_fails(rows: Rows, program: APIClient) -> None:
    lists = [each for each in API if "get" in each.methods and hasattr(each.view, "list")]
    assert len(lists) > 8
    with gathered_server_errors() as errors:
        for address in lists:
            url = address.url(rows.arguments(address))
            for value in MOMENTS:
                for parameters in (f"p={escape(value)}", f"r=1&o=3&p={escape(value)}"):
                    cursor = b64encode(parameters.encode()).decode()
                    errors.send(program, "GET", f"{url}?cursor={escape(cursor)}")


def test_no_value_in_a_body_fails(rows: Rows, program: APIClient) -> None:
    turn = 0
    with gathered_server_errors() as errors:
        for address, method in WRITES:
            url, body = address.url(rows.arguments(address)), bodies(rows).get(address.name, {})
            for path in places(body):
                turn += 1
                for value in some(JSON_VALUES, turn):
                    sent = json.dumps(replaced(body, path, value))
                    errors.send(program, method.upper(), url, data=sent, content_type=JSON)


def test_no_body_and_no_header_fails(rows: Rows, program: APIClient) -> None:
    with gathered_server_errors() as errors:
        for turn, (address, method) in enumerate(WRITES):
            url, body = address.url(rows.arguments(address)), json.dumps(bodies(rows).get(address.name, {}))
            for sent in some(JSON_BODIES, turn):
                errors.send(program, method.upper(), url, data=sent, content_type=JSON)
            for content_type in some(CONTENT_TYPES, turn):
                errors.send(program, method.upper(), url, data=body, content_type=content_type)
            for encoding in ("gzip", "nonsense"):
                errors.send(program, method.upper(), url, data=body, content_type=JSON, HTTP_CONTENT_ENCODING=encoding)
            for hostile in address.hostile_urls(rows.arguments(address), some(some(ALL, turn), turn)):
                errors.send(program, method.upper(), hostile, data=body, content_type=JSON)
