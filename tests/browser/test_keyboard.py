"""The keyboard, the theme, copying and pausing: what little the scripts do."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.browser_session import BrowserSession
from tests.factories.accounts import PASSWORD, TeamFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tracking.requests.models import Request

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

FOCUSED = "document.activeElement.id"
THEME = "document.documentElement.dataset.theme"


def test_keys_lead_where_they_say(window: Callable[..., BrowserSession]) -> None:
    visitor = window(person("pm"))
    page = visitor.page
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/requests/")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("gr?c/")
    expect(page.locator("#search")).to_have_value("gr?c/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == f"{visitor.base}/requests/", "letters in a field are letters"
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.wait_for_url("**/requests/new/")


def test_whoever_switches_the_keys_off_has_none(window: Callable[..., BrowserSession]) -> None:
    page = window(person("pm")).open("/settings/profile/")
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_have_attribute("data-keys", "off")
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) != "search"


def test_the_theme_stays(window: Callable[..., BrowserSession]) -> None:
    page = window(person("viewer")).page
    button = page.locator("[data-theme-toggle]")
    assert page.evaluate(THEME) == "auto"
    for theme in ("light", "dark"):
        button.click()
        page.reload()
        assert page.evaluate(THEME) == theme
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    button.click()
    assert page.evaluate(THEME) == "auto"


def test_a_name_is_copied(window: Callable[..., BrowserSession]) -> None:
    event = EventFactory.create(name="Order Completed")
    visitor = window(person("viewer"))
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(event.get_absolute_url())
    page.get_by_role("button", name="Copy the name").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "Order Completed"


def test_what_renews_itself_can_be_paused(window: Callable[..., BrowserSession]) -> None:
    team = TeamFactory.create()
    source = SourceFactory.create(owner_team=team)
    create_write_key(source, "staging")
    page = window(person("developer", team=team)).page
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if "/arrivals/" in request.url else None)
    # The page's own clock stands still until it is told how much time has passed.
    page.clock.install()
    page.goto(page.url + source.get_absolute_url().lstrip("/"))
    with page.expect_response("**/arrivals/"):
        page.clock.run_for(2_100)
    button = page.get_by_role("button", name="Pause")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    before = len(polls)
    page.clock.run_for(20_000)
    assert len(polls) == before
    button.click()
    with page.expect_response("**/arrivals/"):
        page.clock.run_for(2_100)


def test_somebody_proposes_a_change_by_keyboard_alone(window: Callable[..., BrowserSession]) -> None:
    for name in ("Cart Viewed", "Order Completed"):
        EventFactory.create(name=name)
    user = person("pm")
    visitor = window()
    page = visitor.open("/events/")
    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(user.username)
    visitor.tab_to("[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visitor.base}/events/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/events/*-order-completed/")
    page.keyboard.press("e")
    page.wait_for_url("**/requests/new/?event=*")
    visitor.tab_to("[name=title]")
    page.keyboard.type("Say it better")
    visitor.tab_to("[name=change-description]")
    page.keyboard.press("Control+a")
    page.keyboard.type("Somebody has paid.")
    visitor.tab_to("button[value=save]:not([tabindex])")
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/**")
    change = Request.objects.get().changes.get()
    assert change.definition["description"] == "Somebody has paid."
    assert change.lane == "words"
