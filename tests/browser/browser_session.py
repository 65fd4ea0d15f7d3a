"""A person in a real browser, who notices every message of the console and every request to another host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from accounts.models import User
from tests.factories.accounts import PASSWORD

TIMEOUT_MS = 20_000  # milliseconds; the machine may be busy
DESKTOP_VIEWPORT = {"width": 1400, "height": 1000}
PHONE_VIEWPORT = {"width": 320, "height": 800}
# A refused form is answered 422, a refused step 409; tests that provoke others name them.
EXPECTED_STATUSES = {409, 422}


@dataclass
class BrowserErrors:
    """What went wrong in a browser while somebody used it."""

    base: str
    allowed: set[int] = field(default_factory=lambda: set(EXPECTED_STATUSES))
    messages: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to all that a page says and asks for."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.messages.append(f"script: {error}"))
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_request_failed)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium and htmx say of themselves that a page answered 4xx or 500; the answer is judged below.
        is_status = message.text.startswith(("Failed to load resource", "Response Status Error Code"))
        if message.type in ("error", "warning") and not is_status:
            self.messages.append(f"console {message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:", self.base + "/")):
            return
        self.messages.append(f"another host: {request.url}")

    def _on_request_failed(self, request: Request) -> None:
        # Whoever leaves a page ends what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.messages.append(f"{request.failure}: {request.url}")

    def _on_response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status >= 400 and response.status not in self.allowed:
            self.messages.append(f"{response.status}: {path}")
        if response.request.is_navigation_request() and "default-src 'self'" not in self._policy(response):
            self.messages.append(f"no strict policy: {path}")

    def _policy(self, response: Response) -> str:
        is_redirect = 300 <= response.status < 400
        return "default-src 'self'" if is_redirect else response.headers.get("content-security-policy", "")


@dataclass
class BrowserSession:
    """Somebody's browser window."""

    base: str
    context: BrowserContext
    page: Page
    errors: BrowserErrors

    def open(self, path: str) -> Page:
        """Go to an address of the house and return the page."""
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self, user: User) -> BrowserSession:
        """Type name and password into the sign-in form."""
        self.open("/accounts/login/")
        self.page.fill("input[name=login]", user.username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.base + "/")
        return self

    def tab_to(self, selector: str, limit: int = 120) -> None:
        """Press Tab until the focus stands on an element that fits. Raises AssertionError where it never does."""
        for _press in range(limit):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{limit} times Tab did not lead to {selector}.")


def open_session(browser: Browser, base: str, **options: Any) -> BrowserSession:
    """Open a window of its own, as of a person nobody knows yet."""
    context = browser.new_context(**{"viewport": DESKTOP_VIEWPORT, "color_scheme": "light"} | options)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    complaints = BrowserErrors(base)
    complaints.watch(page)
    return BrowserSession(base, context, page, complaints)
