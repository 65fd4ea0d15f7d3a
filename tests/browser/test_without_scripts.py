"""Where a browser runs no scripts: everything that matters still works."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.browser_session import BrowserSession
from tests.factories.catalog import EventFactory, SourceFactory
from tests.factories.requests import TeamFixture, ingest
from tracking.requests.choices import DeliveryState
from tracking.requests.models import Delivery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


def test_a_list_is_filtered_without_scripts(window: Callable[..., BrowserSession]) -> None:
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    EventFactory.create(name="Order Planned")
    page = window(members.viewer, java_script_enabled=False).open("/events/")
    expect(page.locator(".copy").or_(page.locator("[data-theme-toggle]")).first).to_be_hidden()
    page.get_by_label("Search", exact=True).fill("order")
    page.locator("#facet_status summary").click()
    page.get_by_label("Live", exact=True).check()
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**/events/?*status=live*")
    assert "q=order" in page.url
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Order Completed").click()
    expect(page.locator("h1")).to_contain_text("Order Completed")


def test_a_request_goes_its_way_without_scripts(window: Callable[..., BrowserSession]) -> None:
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, name="Web shop")

    pm = window(members.pm, java_script_enabled=False).open("/requests/new/")
    pm.get_by_label("Title").fill("Wishlist use")
    pm.get_by_label("Which question").fill("Do wishlists bring people back?")
    pm.get_by_label("Which decision").fill("The wishlist budget")
    pm.get_by_label("Name of the event").fill("Wishlist Item Added")
    pm.get_by_label("What happens?").fill("A person put something on a wishlist.")
    pm.get_by_label("Web shop").check()
    rows = pm.locator("tr[data-row]")
    blank = rows.count()
    pm.get_by_role("button", name="More rows").click()
    assert rows.count() > blank
    pm.locator("[name=change-rows-0-name]").fill("sku")
    pm.locator("[name=change-rows-0-is_required]").check()
    pm.locator("[name=expected_per_day]").select_option("1000")
    pm.get_by_role("button", name="Submit for review").click()
    pm.wait_for_url("**/requests/*/")
    address = pm.url

    analyst = window(members.analyst, java_script_enabled=False).page
    analyst.goto(address)
    analyst.get_by_role("button", name="Approve", exact=True).click()
    expect(analyst.locator("#way")).to_contain_text("Reviewed")

    developer = window(members.developer, java_script_enabled=False).page
    developer.goto(address)
    developer.get_by_label("App version").fill("2.6.0")
    developer.get_by_role("button", name="Mark as developed on Web shop").click()
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.DEVELOPED

    qa = window(members.qa, java_script_enabled=False).open(f"/qa/{delivery.pk}/")
    expect(qa.locator("#arriving")).to_contain_text("Waiting for events")
    ingest(source, "Wishlist Item Added", [{"sku": "S-1"}], environment="staging", app_version="2.6.0")
    qa.reload()
    qa.get_by_role("button", name="Sign: verified on Web shop").click()
    expect(qa.get_by_text("signed 1 event of everybody")).to_be_visible()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.TESTED
