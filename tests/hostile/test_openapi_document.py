"""Every operation of the API answers in accord with its OpenAPI document, whoever asks and whatever is sent."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from django.test.client import ClientHandler
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from accounts.roles import Scope
from tests.hostile.every_address import Rows

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "4"))
"""How many requests each operation is sent, of those that its document allows and of those that it does not."""

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
ERRORS_OF = {"get": {"400", "401", "403", "429"}, "post": {"400", "401", "403", "409", "429"}}


class SameConnection:
    """The whole stack as a WSGI application that keeps the connection, and so the transaction, of its test."""

    def __init__(self) -> None:
        self.handler = ClientHandler(enforce_csrf_checks=False)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        answer = self.handler(environ)
        start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
        return [answer.getvalue()]


def document() -> dict[str, Any]:
    """The OpenAPI document as programs read it."""
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True)))


@pytest.fixture
def callers(rows: Rows, api_of: Callable[..., APIClient]) -> dict[str, dict[str, str]]:
    """The headers of an admin's token with every scope, of a viewer's that only reads, and of nobody's."""
    programs: dict[str, Any] = {"admin": api_of(rows.user), "reader": api_of(rows.members.viewer, Scope.READ)}
    headers = {name: {"Authorization": each._credentials["HTTP_AUTHORIZATION"]} for name, each in programs.items()}
    return headers | {"nobody": {}}


def real_arguments(rows: Rows, path: str) -> dict[str, Any]:
    """Return arguments of an operation's path that rows are behind."""
    by_kind = {
        "events": rows.values["pk"],
        "properties": rows.by_address["property-detail"]["pk"],
        "findings": rows.by_address["finding-detail"]["pk"],
        "requests": rows.by_address["request-detail"]["pk"],
        "deliveries": rows.by_address["delivery-detail"]["pk"],
    }
    kind = path.removeprefix("/api/v1/").partition("/")[0]
    slug = rows.by_address["category-detail"]["slug"] if kind == "categories" else rows.values["slug"]
    own = {"id": rows.by_address["deploy-detail"]["pk"] if "/deploys/" in path else by_kind.get(kind), "slug": slug}
    return {name: (rows.values | own)[name] for name in re.findall(r"{(\w+)}", path)}


@pytest.mark.parametrize("path", document()["paths"])
def test_every_operation_names_its_errors(path: str) -> None:
    for method, operation in document()["paths"][path].items():
        expected = ERRORS_OF["get" if method == "get" else "post"] | ({"404"} if "{" in path else set())
        assert expected <= set(operation["responses"]), f"{method} {path}"


@pytest.mark.timeout(600)
def test_every_operation_answers_as_its_document_says(rows: Rows, callers: dict[str, dict[str, str]]) -> None:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = SameConnection()
    statuses: Counter[int] = Counter()
    failures: dict[str, str] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:
            try:
                ask(operation, mode, rows, callers, statuses)
            except (Exception, FailureGroup) as failure:  # each operation is tried, and all that fail are told together
                failures[f"{operation.label} ({mode.value})"] = str(failure)[:1_500]
    assert not failures, "\n\n".join(f"{label}: {text}" for label, text in failures.items())
    # A conflict needs values that fit together, which chance seldom draws; the tests of requests try each.
    assert {200, 201, 400, 401, 403, 404} <= set(statuses), statuses


def ask(operation: Any, mode: Any, rows: Rows, callers: dict[str, dict[str, str]], statuses: Counter[int]) -> None:
    """Send requests to one operation. Raises what the checks raise."""
    known = real_arguments(rows, operation.path)

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=HealthCheck)
    @given(
        case=operation.as_strategy(generation_mode=mode),
        is_known=st.booleans(),
        caller=st.sampled_from(["admin", "admin", "admin", *callers]),
    )
    def send(case: Any, is_known: bool, caller: str) -> None:
        if is_known:
            case.path_parameters = known
        with transaction.atomic():
            answer = case.call(headers=callers[caller])
            transaction.set_rollback(True)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    send()
