"""The lint while somebody types: beside the row that it is about, before anything is saved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.page_text import one_line
from tests.requests.pages.html_forms import form_values, row_values
from tracking.requests.models import Change

pytestmark = pytest.mark.django_db
URL = "/requests/library/"
MISTYPED = {"type": "string", "maxlength": 5}


def document_with(coupon: dict[str, Any], **members: Any) -> dict[str, Any]:
    properties = {"total": {"type": "number"}, "coupon": coupon}
    return definition(schema={"type": "object", "properties": properties}) | members


@pytest.fixture
def members() -> TeamFixture:
    return TeamFixture.create()


@pytest.fixture
def pm(members: TeamFixture, client_of: Callable[..., Client]) -> Client:
    return client_of(members.pm)


def row_lint(page: str, number: int) -> str:
    """What a fragment puts beside a row."""
    (found,) = re.findall(rf'<div class="row-lint" id="change-rows-{number}-lint" hx-swap-oob="true">(.*?)</div>', page)
    return str(found)


def other_lint(page: str) -> str:
    return page.partition('id="other-lint"')[2].partition("</div>")[0]


def typed(client: Client, values: dict[str, Any]) -> str:
    answer = client.post(URL, values)
    assert answer.status_code == 200
    return one_line(answer.content.decode())


def values_of(client: Client, lifecycle: Any) -> dict[str, Any]:
    return form_values(client.get(f"/requests/{lifecycle.request.pk}/edit/"))


def test_a_word_that_nobody_checks_is_told_beside_its_row(members: TeamFixture, pm: Client) -> None:
    lifecycle = RequestFactory.draft(members=members, document=document_with({"type": "string"}))
    values = values_of(pm, lifecycle)
    assert "Did you mean" not in typed(pm, values)
    page = typed(pm, values | {"change-json": json.dumps(document_with(MISTYPED))})
    assert "Did you mean maxLength?" in row_lint(page, 1)
    assert "Error" in row_lint(page, 1), "with its severity"
    assert row_lint(page, 0).strip() == ""
    assert "Did you mean" not in other_lint(page)


def test_no_field_is_answered_and_nothing_is_saved(members: TeamFixture, pm: Client) -> None:
    lifecycle = RequestFactory.draft(members=members, document=document_with({"type": "string"}))
    before = Change.objects.values().get()
    values = values_of(pm, lifecycle) | {"change-json": json.dumps(document_with(MISTYPED)), "title": ""}
    page = typed(pm, values)
    assert not re.search("<(input|textarea|select|form|button|table|tr)", page)
    assert Change.objects.values().get() == before


def test_a_new_event_is_told_before_it_has_a_name(pm: Client) -> None:
    values = form_values(pm.get("/requests/new/"))
    values |= row_values(0, name="coupon", kind="string")
    document = {"schema": {"type": "object", "properties": {"coupon": MISTYPED}, "required": ["price"]}}
    page = typed(pm, values | {"change-json": json.dumps(document)})
    assert "Did you mean maxLength?" in row_lint(page, 0)
    assert "&quot;price&quot; is required, and nothing says what it is" in other_lint(page)


def test_what_the_event_has_already_is_a_note(members: TeamFixture, pm: Client) -> None:
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(
        name="Order Completed", definition=document_with(MISTYPED), sources=[source], owner_team=members.team
    )
    values = form_values(pm.get(f"/requests/new/?event={event.pk}"))
    page = typed(pm, values | {"change-description": "Paid."})
    assert "Note" in row_lint(page, 1) and "Error" not in row_lint(page, 1)


def test_a_source_is_named(members: TeamFixture, pm: Client) -> None:
    document = document_with({"type": "string"}, per_source={"web": {"absent": ["coupon"]}})
    lifecycle = RequestFactory.draft(members=members, document=document)
    document["schema"]["dependentRequired"] = {"total": ["coupon"]}
    page = typed(pm, values_of(pm, lifecycle) | {"change-json": json.dumps(document)})
    assert "On web: &quot;coupon&quot; is required beside &quot;total&quot;" in other_lint(page)


def test_a_definition_that_rows_cannot_show_is_told_too(members: TeamFixture, pm: Client) -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {f"p{number}": {"type": "string"} for number in range(70)},
    }
    lifecycle = RequestFactory.draft(members=members, document=definition(schema=schema))
    values = values_of(pm, lifecycle)
    assert "change-rows-TOTAL_FORMS" not in values
    schema["properties"]["p7"]["maxlength"] = 5
    page = typed(pm, values | {"change-json": json.dumps(definition(schema=schema))})
    assert "p7" in other_lint(page) and "Did you mean maxLength?" in other_lint(page)


def test_what_is_half_typed_is_no_failure(members: TeamFixture, pm: Client) -> None:
    lifecycle = RequestFactory.draft(members=members, document=document_with(MISTYPED))
    values = values_of(pm, lifecycle)
    for text in ("{", '{"schema": {"type": "obj', "[]", "\0", '{"schema": 5}', '{"schema": {"type": "nonsense"}}'):
        assert 'id="other-lint"' in typed(pm, values | {"change-json": text})
    assert "Did you mean maxLength?" in row_lint(typed(pm, values | {"change-json": "{"}), 1), "the rows still say so"
    for more in ({"change-rows-TOTAL_FORMS": "x"}, {"draft": "x"}, {"change-id": "9" * 30}, {"change-action": "x"}):
        typed(pm, values | more)
    assert pm.post(URL, {"change-event": "x"}).status_code == 404
    ending = form_values(pm.get("/requests/new/?action=retire"))
    assert "Did you mean" not in typed(pm, ending)


@pytest.mark.parametrize("count", [40])
def test_the_queries_are_the_same_for_any_number_of_properties(members: TeamFixture, pm: Client, count: int) -> None:
    lifecycle = RequestFactory.draft(members=members, document=document_with(MISTYPED))
    values = values_of(pm, lifecycle)
    many = dict(values) | {"change-rows-TOTAL_FORMS": str(count)}
    for number in range(2, count):
        many |= row_values(number, name=f"property {number}", kind="string")
    typed(pm, values)
    with CaptureQueriesContext(connection) as few:
        typed(pm, values)
    with CaptureQueriesContext(connection) as more:
        typed(pm, many)
    assert len(more) == len(few) <= 12
