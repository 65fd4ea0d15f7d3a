"""Every page: nothing serious for axe in light or dark, no sideways scroll at 320 px, one heading, a quiet console."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.browser_session import DESKTOP_VIEWPORT, PHONE_VIEWPORT, BrowserSession
from tests.browser.populated_site import create_site_data, grant_all_roles
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.requests import TeamFixture
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.models import Finding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

SERIOUS = {"serious", "critical"}


# The innermost element that reaches farthest to the right.
WIDEST = """() => [...document.querySelectorAll('body *')].reduce((one, other) =>
  other.getBoundingClientRect().right >= one.getBoundingClientRect().right ? other : one).outerHTML.slice(0, 160)"""

# What stands to the right of its card or section, where no region of its own scrolls or cuts it off.
OUTSIDE = """() => [...document.querySelectorAll('main :is(.card, .section) *')].filter((each) => {
  const right = each.closest('.card, .section').getBoundingClientRect().right + 1
  for (let at = each.parentElement; at && at.tagName !== 'MAIN'; at = at.parentElement)
    if (getComputedStyle(at).overflowX !== 'visible') return false
  return each.checkVisibility() && !each.closest('.visually-hidden') && each.getBoundingClientRect().right > right
}).map((each) => each.outerHTML.slice(0, 160)).slice(0, 3)"""


def serious(page: Page, **options: Any) -> list[str]:
    """What axe finds serious on a page that holds its script."""
    asked = {"resultTypes": ["violations"]} | options
    found: list[dict[str, Any]] = page.evaluate("async asked => (await axe.run(document, asked)).violations", asked)
    return [
        f"{rule['id']} ({rule['impact']}) {rule['nodes'][0]['html'][:200]}"
        for rule in found
        if rule["impact"] in SERIOUS
    ]


def unfold(page: Page) -> None:
    """Open all that is folded, so that it is looked at too."""
    page.evaluate("for (const each of document.querySelectorAll('main details:not(.facet)')) each.open = true")


def page_problems(page: Page, *, has_shell: bool = True) -> list[str]:
    """All that is wrong with the page that stands open."""
    found = []
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} h1")
    if has_shell:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.skip')"):
            page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.id") != "main":
            found.append("the first Tab does not skip to the content")
    unfold(page)
    page.evaluate(AXE_SCRIPT)
    found += serious(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in serious(page, runOnly=["color-contrast"])]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE_VIEWPORT["width"], "height": PHONE_VIEWPORT["height"]})
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE_VIEWPORT["width"]:
        found.append(f"{width} px wide at {PHONE_VIEWPORT['width']}: {page.evaluate(WIDEST)}")
    found += [f"leaves its card at {PHONE_VIEWPORT['width']}: {words}" for words in page.evaluate(OUTSIDE)]
    page.set_viewport_size({"width": DESKTOP_VIEWPORT["width"], "height": DESKTOP_VIEWPORT["height"]})
    return found


def test_every_page_is_for_everybody(window: Callable[..., BrowserSession]) -> None:
    members = TeamFixture.create()
    grant_all_roles(members)
    addresses = create_site_data(members)
    # Without motion, so that no colour is on its way while it is measured.
    visitor = window(members.analyst, reduced_motion="reduce")
    visitor.errors.allowed.add(404)
    problems: list[str] = []
    for address in addresses:
        page = visitor.open(address)
        # The page of the API is drawn by Swagger; of it only the console and the hosts are ours.
        if address != "/api/docs/":
            problems += [f"{address} {fault}" for fault in page_problems(page)]
    assert not problems, "\n".join(problems)


def test_a_refused_form_is_for_everybody(window: Callable[..., BrowserSession]) -> None:
    page = window(person("pm"), reduced_motion="reduce").open("/requests/new/")
    page.get_by_label("Title").fill("Something")
    page.get_by_role("button", name="Submit for review").click()
    summary = page.locator("[data-errors]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("The draft is saved.")
    assert page_problems(page, has_shell=False) == []


def test_the_sign_in_page_is_for_everybody(window: Callable[..., BrowserSession]) -> None:
    page = window(reduced_motion="reduce").open("/events/?status=live")
    page.wait_for_url("**/accounts/login/?next=**")
    assert page_problems(page, has_shell=False) == []
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.locator("[data-errors]")).to_be_focused()
    assert page_problems(page, has_shell=False) == []


def test_a_search_box_is_there_once_and_slash_leads_to_it(window: Callable[..., BrowserSession]) -> None:
    page = window(person("viewer"), reduced_motion="reduce").open("/")
    expect(page.get_by_role("searchbox")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.locator("main #search")).to_be_focused()


@pytest.mark.parametrize("width", [320, 700])
def test_the_choices_of_each_filter_stay_on_a_narrow_screen(window: Callable[..., BrowserSession], width: int) -> None:
    visitor = window(person("analyst"), reduced_motion="reduce", viewport={"width": width, "height": 800})
    problems = []
    for address in ("/requests/", "/qa/", "/findings/", "/events/", "/properties/", "/sources/"):
        page = visitor.open(address)
        for facet in page.locator("details.facet").all():
            facet.locator("summary").click()
            reached = page.evaluate("document.documentElement.scrollWidth")
            if reached > width:
                problems.append(f"{address} {facet.locator('legend').inner_text()}: {reached} px")
            facet.locator("summary").click()
    assert problems == []


def test_an_ignored_finding_needs_a_reason_and_the_focus_says_where(window: Callable[..., BrowserSession]) -> None:
    members = TeamFixture.create()
    grant_all_roles(members)
    source = SourceFactory.create(owner_team=members.team)
    post_batch(create_write_key(source), track_call("Nobody's Event"))
    process_inbox()
    finding = Finding.objects.get()
    page = window(members.analyst, reduced_motion="reduce").open(finding.get_absolute_url())
    page.get_by_role("button", name="Ignore").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    assert page_problems(page, has_shell=False) == []


def test_a_viewer_meets_no_dead_end(window: Callable[..., BrowserSession]) -> None:
    visitor = window(person("viewer"), reduced_motion="reduce")
    visitor.errors.allowed.add(403)
    page = visitor.open("/sources/new/")
    expect(page.locator("main")).to_contain_text("This needs the role developer")
    assert page_problems(page) == []
    expect(page.get_by_role("link", name="New request")).to_have_count(0)
    page.get_by_role("link", name="Go to the home page").click()
    page.wait_for_url(visitor.base + "/")
