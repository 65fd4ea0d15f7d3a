"""The first five minutes, clicked as a new visitor would, with the demo company, a real SDK, server and worker."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, expect

from catalog.models import Event
from runtime.startup.greeting import SIGN_IN_LINK_FILE
from tests.browser.browser_session import PHONE_VIEWPORT, BrowserSession, open_session
from tests.browser.tour_driver import TourDriver
from tests.live_processes import LiveServer, running_installation
from tracking.traffic.models import Sample

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

WORD = "the-word-of-this-test"
ADDRESS = {"width": 1360, "height": 900}
PICTURES = os.environ.get("SIGNALBOOK_PICTURES")
BLOCKED = ("track", "analytics", "metric", "collect", "segment", "ad_", "pixel", "beacon", "telemetry")


@pytest.fixture
def touring(tmp_path: Path, transactional_db: None) -> Iterator[LiveServer]:
    """The demo company, loaded, with a server and a worker that serve it."""
    with override_settings(IS_DEMO=True, STATE_DIR=tmp_path):
        call_command("load_demo", verbosity=0)
    (tmp_path / SIGN_IN_LINK_FILE).write_text(WORD)
    more = {"DJANGO_SETTINGS_MODULE": "config.settings.tour_testing", "TOUR_STATE": str(tmp_path)}
    with running_installation(tmp_path, env=more) as server:
        yield server


@pytest.fixture
def visitor(touring: LiveServer, chromium: Browser) -> Iterator[Callable[..., BrowserSession]]:
    """A function that opens a window at the beginning of the tour; no window may have complained."""
    opened: list[BrowserSession] = []

    def open_window(**options: object) -> BrowserSession:
        opened.append(open_session(chromium, touring.url, **({"viewport": ADDRESS} | options)))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()
    assert [complaint for each in opened for complaint in each.errors.messages] == []


def test_the_tour_is_walked_to_its_end(
    visitor: Callable[..., BrowserSession], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    asked: list[str] = []
    guest = visitor()
    guest.page.on("request", lambda request: asked.append(request.url))
    began = time.monotonic()
    guest.open(f"/start/in/{WORD}/")
    assert guest.page.url.endswith("/start/"), "the word of the link must not stay in the address"
    guide = TourDriver(guest.page, Path(PICTURES) if PICTURES else None)
    guide.run()
    record_property("tour", json.dumps([*guide.step_durations, ("In all", time.monotonic() - began)]))

    taps = [took for name, took in guide.step_durations if name in ("Tap Add to basket", "Buy", "Tap the heart")]
    assert len(taps) == 3
    for url in asked:
        assert not any(word in url for word in BLOCKED), url
    own = Sample.objects.filter(source__slug="your-app").newest_first()[0]
    assert own.event["properties"]["email"] != "ada@example.com"

    event = Event.objects.get(name="Product Liked")
    assert event.changes.get().request.approvals.get().person.username == "jonas"
    _look_at_the_event(guest, event, guide)
    _go_on_with_the_keyboard(guest)
    _look_narrow_and_dark(visitor, tmp_path)


def _look_at_the_event(guest: BrowserSession, event: Event, guide: TourDriver) -> None:
    """The event's own page says all of it, for everybody."""
    page = guest.open(event.get_absolute_url())
    head = page.locator("header.page-head")
    for words in ("Live", "1.0.0", "Asked by Mara Lindqvist", "reminder in spring", "verified by Lin Chen"):
        expect(head).to_contain_text(words)
    guide.take_screenshot("event")


def _go_on_with_the_keyboard(guest: BrowserSession) -> None:
    """Begin anew and break the shop again, with the keyboard alone."""
    page = guest.open("/start/")
    page.on("dialog", lambda dialog: dialog.accept())
    guest.tab_to("[data-reset]")
    page.keyboard.press("Enter")
    expect(page.locator("#tour-step")).to_contain_text("Add to basket")
    assert not Event.objects.filter(name="Product Liked").exists()
    for account, name in (("pm", "Mara"), ("developer", "Sofia")):
        guest.tab_to(f"[data-account='{account}']")
        page.keyboard.press("Enter")
        expect(page.locator(".player[aria-current]")).to_contain_text(name)
    guest.tab_to("#shop")
    for _tab in range(6):  # the heart, then the two buttons of the shop
        page.keyboard.press("Tab")
        if page.frame_locator("#shop").locator("#add:focus").count():
            break
    page.keyboard.press("Enter")
    expect(page.locator("#tour-step")).to_contain_text("Ship version 2.4.1")
    guest.tab_to("[role=switch]")
    page.keyboard.press("Space")
    expect(page.locator("#tour-step")).to_contain_text("Press “Buy”")


def _look_narrow_and_dark(visitor: Callable[..., BrowserSession], folder: Path) -> None:
    """Narrow, light and dark: nothing scrolls sideways, and nothing serious stands in anybody's way."""
    password = json.loads((folder / "demo.json").read_text())["accounts"]["pm"]["password"]
    for scheme in ("light", "dark"):
        guest = visitor(viewport=PHONE_VIEWPORT, color_scheme=scheme)
        page = guest.open("/accounts/login/?next=/start/")
        page.fill("input[name=login]", "mara")
        page.fill("input[name=password]", password)
        page.keyboard.press("Enter")
        expect(page.locator("#tour-step")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.frame_locator("#shop").locator("#add")).to_be_visible()
        inner = page.frame(url=lambda url: url.endswith("/start/shop/"))
        assert inner is not None
        assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page)
        serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
        assert serious == [], [(each["id"], each["nodes"][0]["html"][:200]) for each in serious]
