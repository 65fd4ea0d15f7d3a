"""The lint on pages: beside the property in the form, and with the definition that somebody approves."""

import json

import pytest

from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory
from tests.page_text import one_line
from tests.requests.pages.html_forms import form_values
from tracking.requests.choices import RequestState
from tracking.requests.models import Request

pytestmark = pytest.mark.django_db


def document_with(coupon, **schema):
    properties = {"total": {"type": "number"}, "coupon": coupon}
    return definition(schema={"type": "object", "properties": properties, **schema})


def edit_url(lifecycle):
    return f"/requests/{lifecycle.request.pk}/edit/"


def row_of(page, name):
    rows = page.split("<tr data-row")
    return one_line(next(row for row in rows if f'value="{name}"' in row))


def test_an_issue_stands_beside_its_property_and_the_others_above_all(client_of):
    lifecycle = RequestFactory.draft(
        document=document_with({"type": "string", "format": "url"}, required=["total", "price"])
    )
    page = client_of(lifecycle.members.pm).get(edit_url(lifecycle)).content.decode()
    assert "Did you mean uri?" in row_of(page, "coupon")
    assert "no format" not in row_of(page, "total")
    above = page[page.index('id="properties"') : page.index("<table")]
    assert "&quot;price&quot; is required, and nothing says what it is" in above


def test_what_was_sent_and_not_saved_is_linted_too(client_of):
    lifecycle = RequestFactory.draft()
    pm = client_of(lifecycle.members.pm)
    values = form_values(pm.get(edit_url(lifecycle)))
    text = json.dumps(document_with({"type": "string", "maxlength": 5}))
    answer = pm.post(edit_url(lifecycle), values | {"change-json": text, "title": "", "do": "save"})
    assert answer.status_code == 422
    assert "Did you mean maxLength?" in answer.content.decode()


def test_submitting_an_error_keeps_the_draft_and_says_what_is_wrong(client_of):
    lifecycle = RequestFactory.draft(document=document_with({"type": "string", "maxlength": 5}))
    pm = client_of(lifecycle.members.pm)
    values = form_values(pm.get(edit_url(lifecycle)))
    answer = pm.post(edit_url(lifecycle), values | {"do": "submit"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#properties"' in page
    assert "Did you mean maxLength?" in row_of(page, "coupon")
    assert Request.objects.get().state == RequestState.DRAFT


def test_whoever_approves_reads_the_warnings_and_says_why_they_are_accepted(client_of):
    lifecycle = RequestFactory.requested(document=document_with({"type": ["string", "null"], "enum": ["ten"]}))
    analyst = client_of(lifecycle.members.analyst)
    page = one_line(analyst.get(f"/requests/{lifecycle.request.pk}/").content.decode())
    assert "What the lint finds in the definition" in page
    assert "No event can ever carry null here" in page
    assert "Why the lint&#x27;s warnings are accepted" in page


def test_a_definition_without_issues_says_nothing_of_the_lint(client_of):
    lifecycle = RequestFactory.requested()
    page = client_of(lifecycle.members.analyst).get(f"/requests/{lifecycle.request.pk}/").content.decode()
    assert "lint" not in page
