"""The journey from a request to live, clicked in a browser while a real SDK sends the events."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Team
from catalog.choices import Environment
from catalog.models import Source
from tests.browser.browser_session import BrowserSession
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import SourceFactory, create_write_key
from tests.journeys.test_request_to_live import EVENT, GOOD, NEW, send
from tests.live_processes import LiveServer, Worker, wait_for
from tracking.quality.models import Finding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


@pytest.fixture
def team() -> Team:
    return TeamFactory.create(name="Checkout")


@pytest.fixture
def source(team: Team) -> Source:
    source = SourceFactory.create(slug="orders", name="Order service", platform="server", owner_team=team)
    create_write_key(source, Environment.DEVELOPMENT)
    return source


def mark(page: Page) -> None:
    """Leave something in the page that a reload would lose."""
    page.evaluate("window.isUntouched = true")


def was_never_reloaded(page: Page) -> bool:
    return bool(page.evaluate("window.isUntouched === true"))


def ask(page: Page) -> None:
    """Fill the form of a new request and submit it."""
    page.get_by_role("link", name="New request").first.click()
    page.get_by_label("Title").fill("Know what people wish for")
    page.get_by_label("Which question should the data answer?").fill("Which products do people wish for?")
    page.get_by_label("Which decision depends on it?").fill("The budget of the wishlist")
    page.get_by_label("Name of the event").fill(EVENT)
    page.get_by_label("What happens?").fill("A person has put a product on their wishlist.")
    page.get_by_label("Order service").check()
    for number, (name, kind) in enumerate((("product_id", "string"), ("price", "number"))):
        page.locator(f"[name=change-rows-{number}-name]").fill(name)
        page.locator(f"[name=change-rows-{number}-kind]").select_option(kind)
        page.locator(f"[name=change-rows-{number}-is_required]").check()
    page.locator("[name=expected_per_day]").select_option("1000")
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/requests/*/")


def test_from_a_request_to_live(
    window: Callable[..., BrowserSession], server: LiveServer, worker: Worker, team: Team, source: Source
) -> None:
    staging, production = (create_write_key(source, name).key for name in (Environment.STAGING, Environment.PRODUCTION))

    pm = window(person("pm", username="mara", name="Mara")).page
    ask(pm)
    address = pm.url.removeprefix(server.url)
    expect(pm.get_by_role("heading", level=1)).to_have_text("Know what people wish for")
    expect(pm.get_by_text("Waiting for an analyst's approval")).to_be_visible()

    analyst = window(person("analyst", username="jonas")).page
    analyst.get_by_role("link", name="Know what people wish for").click()
    analyst.get_by_role("button", name="Approve", exact=True).click()
    expect(analyst.locator("#changes")).to_contain_text("1.0.0")

    sofia = window(person("developer", team=team, username="sofia"))
    sofia.context.grant_permissions(["clipboard-read", "clipboard-write"])
    developer = sofia.open(address)
    developer.locator("#send").get_by_role("button", name="Copy").first.click()
    expect(developer.locator("#said")).to_have_text("Copied")
    snippet = developer.evaluate("navigator.clipboard.readText()")
    assert EVENT in snippet
    assert source.write_keys.get(environment=Environment.DEVELOPMENT).key in snippet
    developer.get_by_label("App version").fill(NEW)
    developer.get_by_role("button", name="Mark as developed on Order service").click()
    expect(developer.locator("#next")).to_contain_text("Waiting for QA to verify it")

    qa = window(person("qa", username="lin", name="Lin")).page
    qa.get_by_role("link", name="QA", exact=True).click()
    qa.get_by_role("link", name=EVENT).first.click()
    expect(qa.get_by_text("Waiting for events")).to_be_visible()
    mark(qa)
    send(server, staging, GOOD, GOOD, version=NEW)
    expect(qa.get_by_text("Everything that the definition asks for has arrived.")).to_be_visible()
    expect(qa.locator(".stream > li")).to_have_count(2)
    assert was_never_reloaded(qa)
    qa.get_by_role("button", name="Sign: verified on Order service").click()
    expect(qa.get_by_text("events of everybody")).to_be_visible()

    pm.reload()
    expect(pm.get_by_text("Waiting for production")).to_be_visible()
    mark(pm)
    send(server, production, *[GOOD] * 6, version=NEW)
    expect(pm.get_by_text("Everything that was asked for is live")).to_be_visible()
    expect(pm.locator("#said")).to_have_text("It is live. Everybody reads it in the catalog now.")
    assert was_never_reloaded(pm)

    viewer = window(person("viewer")).page
    viewer.keyboard.press("/")
    viewer.keyboard.type("wishlist")
    viewer.keyboard.press("Enter")
    viewer.get_by_role("link", name=EVENT).first.click()
    head = viewer.locator("header.page-head")
    for words in (EVENT, "Live", "1.0.0", "Asked by Mara", "The budget of the wishlist", "verified by Lin"):
        expect(head).to_contain_text(words)
    expect(viewer.locator("#properties + .region")).to_contain_text("product_id")


def test_what_nobody_defined_becomes_a_request(
    window: Callable[..., BrowserSession], server: LiveServer, worker: Worker, source: Source
) -> None:
    send(server, create_write_key(source, Environment.STAGING).key, *[GOOD] * 3, version=NEW)
    wait_for(Finding.objects.filter(rule="undocumented").exists, what="the finding")
    pm = window(person("pm")).page
    expect(pm.get_by_role("button", name=f"Propose a definition of {EVENT}")).to_be_visible()
    pm.get_by_role("link", name="Findings", exact=True).click()
    pm.get_by_role("link", name="Nobody has defined this event.").click()
    pm.get_by_role("button", name="Propose a definition").click()
    pm.wait_for_url("**/requests/*/edit/**")
    expect(pm.get_by_label("Name of the event")).to_have_value(EVENT)
    kinds = {}
    for number in range(2):
        name = pm.locator(f"[name=change-rows-{number}-name]").input_value()
        kinds[name] = pm.locator(f"[name=change-rows-{number}-kind]").input_value()
    assert kinds == {"product_id": "string", "price": "number"}
    expect(pm.get_by_label("Order service")).to_be_checked()
