"""The lint in a real browser, while somebody types a definition."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.application_role import become_owner
from tests.browser.browser_session import BrowserSession
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


def test_what_is_typed_is_linted_and_stays(window: Callable[..., BrowserSession]) -> None:
    lifecycle = RequestFactory.draft(document=definition())
    page = window(lifecycle.members.pm).open(f"/requests/{lifecycle.request.pk}/edit/")
    row = page.locator("[data-row]").filter(has=page.locator('input[value="coupon"]'))
    row.get_by_label("Meaning").fill("A code from a letter")
    page.get_by_text("The whole definition as JSON", exact=True).click()
    text = page.locator("#id_change-json")
    good = text.input_value()
    document = json.loads(good)
    document["schema"]["properties"]["coupon"]["maxlength"] = 5
    bad = json.dumps(document, indent=2)

    text.fill(bad)
    expect(row.locator(".row-lint")).to_contain_text("Did you mean maxLength?")
    expect(row.locator(".row-lint")).to_contain_text("Error")
    expect(text).to_have_value(bad)
    expect(row.get_by_label("Meaning")).to_have_value("A code from a letter")
    described_by = row.get_by_label("Name", exact=True).get_attribute("aria-describedby")
    assert described_by == row.locator(".row-lint").get_attribute("id")

    page.get_by_role("button", name="More rows").click()
    added = page.locator("[data-row]").last
    added.get_by_label("Name", exact=True).fill("plan")
    expect(added.locator(".row-lint")).to_have_id(f"{added.locator('.row-lint').get_attribute('id')}")
    assert "__prefix__" not in added.inner_html()

    text.fill(good)
    expect(row.locator(".row-lint")).to_be_empty()
    expect(added.get_by_label("Name", exact=True)).to_have_value("plan")


def test_a_part_that_fails_names_the_reference_of_the_log(window: Callable[..., BrowserSession]) -> None:
    lifecycle = RequestFactory.draft(document=definition())
    visitor = window(lifecycle.members.pm)
    page = visitor.open(f"/requests/{lifecycle.request.pk}/edit/")
    visitor.errors.allowed.add(500)
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_property RENAME TO gone")
    try:
        with page.expect_response("**/requests/library/") as answer:
            page.get_by_label("Meaning").first.fill("What was paid")
    finally:
        with become_owner(connection), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO catalog_property")
    reference = answer.value.headers["x-request-id"]
    expect(page.locator("#library")).to_contain_text(f"Request {reference}.")
    expect(page.get_by_label("Meaning").first).to_have_value("What was paid")
