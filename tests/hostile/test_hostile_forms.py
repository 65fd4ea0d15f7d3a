"""Forms answer whatever is posted to them: every form of every page, each field of it, and bodies of other kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client

from tests.hostile.every_address import Address, Rows, addresses
from tests.hostile.hostile_values import ALL, CONTENT_TYPES, JSON_BODIES, JSON_TEXTS, few, some
from tests.hostile.page_forms import PageForm, as_multipart, encoded, forms_of
from tests.hostile.server_errors import ServerErrors, gathered_server_errors

pytestmark = pytest.mark.django_db
VALUES = (*JSON_TEXTS, *ALL)
PAGES = [each for each in addresses() if not (each.is_api or each.is_admin)]
ADMIN = [each for each in addresses() if each.is_admin and each.name.endswith(("_add", "_change", "_changelist"))]
ENDS_A_SESSION = "logout"


def shown_forms(rows: Rows, browser: Client, pages: Sequence[Address]) -> list[PageForm]:
    """Return every form of the pages, one of each kind."""
    found: dict[Any, PageForm] = {}
    for address in pages:
        url = address.url(rows.arguments(address))
        answer = browser.get(url, follow=True)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            for form in forms_of(answer.content.decode(), answer.request["PATH_INFO"]):
                found.setdefault(form.key, form)
    return [form for form in found.values() if ENDS_A_SESSION not in form.action]


def post_hostile(errors: ServerErrors, browser: Client, forms: Sequence[PageForm]) -> None:
    """Post each form with a hostile value in one field, in all of them, and as several parts."""
    turn = 0
    for form in forms:
        names = list(form.fields)
        for name in names:
            turn += 1
            for value in few(VALUES, turn):
                body, content_type = encoded(form.fields | {name: value})
                errors.send(browser, "POST", form.action, data=body, content_type=content_type)
        for first in few(range(len(VALUES)), turn):
            fields = {name: VALUES[(first + number) % len(VALUES)] for number, name in enumerate(names)}
            for body, content_type in (encoded(fields), as_multipart(fields, form.files)):
                errors.send(browser, "POST", form.action, data=body, content_type=content_type)


@pytest.mark.timeout(300)
def test_no_field_of_a_page_fails(rows: Rows, browser: Client) -> None:
    forms = shown_forms(rows, browser, PAGES)
    assert len({form.action for form in forms}) > 15
    with gathered_server_errors() as errors:
        post_hostile(errors, browser, forms)


@pytest.mark.timeout(300)
def test_no_field_of_the_admin_fails(rows: Rows, browser: Client) -> None:
    forms = shown_forms(rows, browser, ADMIN)
    assert len({form.action for form in forms}) > 10
    with gathered_server_errors() as errors:
        post_hostile(errors, browser, forms)


@pytest.mark.timeout(300)
def test_no_body_of_another_kind_fails(rows: Rows, browser: Client) -> None:
    with gathered_server_errors() as errors:
        for turn, address in enumerate(PAGES):
            url = address.url(rows.arguments(address))
            for content_type in some(CONTENT_TYPES, turn):
                errors.send(browser, "POST", url, data=JSON_BODIES[turn % len(JSON_BODIES)], content_type=content_type)
            for charset in ("zlib", "utf-16"):
                body, _content_type = as_multipart({"title": "x"}, set())
                kind = f"multipart/form-data; boundary=a-boundary; charset={charset}"
                errors.send(browser, "POST", url, data=body, content_type=kind)
