"""A visitor who walks the tour, step by step, and notes how long each took."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import FrameLocator, Page, expect


@dataclass
class TourDriver:
    """Walks the tour in a page that stands at its beginning. `pictures` is where its three pictures go, if anywhere."""

    page: Page
    screenshot_folder: Path | None = None
    step_durations: list[tuple[str, float]] = field(default_factory=list)

    @property
    def shop(self) -> FrameLocator:
        return self.page.frame_locator("#shop")

    def run(self) -> None:
        """Go from the first tap to the source of one's own, without one reload."""
        self.page.evaluate("window.isUntouched = true")
        for lifecycle in (
            self.tap_first_product,
            self.deploy_broken_version,
            self.propose_and_approve,
            self.build_and_verify,
            self.ship_to_production,
            self.create_own_source,
        ):
            lifecycle()
        assert self.page.evaluate("window.isUntouched === true"), "a step reloaded the page"

    def tap_first_product(self) -> None:
        self.perform_step("Tap Add to basket", self.click_in_shop("add"), expected_step="Ship version 2.4.1")
        self.expect_arrivals("Product Added", "Conforming", "1.0.0")
        self.take_screenshot("shop")

    def deploy_broken_version(self) -> None:
        switch = self.page.get_by_role("switch")
        expect(switch).to_have_attribute("aria-checked", "false")
        self.perform_step("Ship the bug", switch.click, expected_step="Press “Buy”")
        self.perform_step("Buy", self.click_in_shop("buy"), expected_step="Tap the heart")
        self.expect_arrivals("Order Completed", "Nonconforming", 'total expected number, came "27.50"')
        self.expect_arrivals("only in 2.4.1", "Sofia Marques", "Whether the average order can carry free shipping")
        self.take_screenshot("verdict")

    def propose_and_approve(self) -> None:
        self.perform_step("Tap the heart", self.click_in_shop("heart"), expected_step="Propose a definition")
        self.expect_arrivals("Product Liked", "Undocumented")
        self.switch_account("Mara")
        expect(self.step_panel).to_contain_text("The nearest in the catalog is")
        self.perform_step("Propose", self.click_button("Propose definition"), expected_step="Say what it is good for")
        expect(self.step_panel.locator("table")).to_contain_text("1 of 1")
        assert self.step_panel.locator("input.form-control").count() == 3
        self.step_panel.get_by_label("What happens?").fill("Somebody tapped the heart of a product.")
        self.perform_step("Submit", self.click_button("Submit for review"), expected_step="Review what is asked for")
        self.switch_account("Jonas")
        expect(self.step_panel).to_contain_text("Of 1 tap that came so far, 1 would conform.")
        self.perform_step("Approve", self.click_button("Approve"), expected_step="Build it, and deploy 2.5.0")

    def build_and_verify(self) -> None:
        self.switch_account("Sofia")
        expect(self.step_panel.locator("pre")).to_contain_text('analytics.track("Product Liked"')
        self.perform_step(
            "Deploy to staging", self.click_button("Deploy 2.5.0 to staging"), expected_step="Tap the heart again"
        )
        self.perform_step("Tap the heart again", self.click_in_shop("heart"), expected_step="Verify it")
        self.expect_arrivals("Product Liked", "Conforming", "2.5.0")
        self.switch_account("Lin")
        self.perform_step(
            "Sign", self.click_button("Sign: verified on Pocket shop"), expected_step="Ship 2.5.0 to production"
        )

    def ship_to_production(self) -> None:
        self.switch_account("Sofia")
        self.perform_step(
            "Ship to production", self.click_button("Ship to production"), expected_step="Wait for the proof"
        )
        self.perform_step("Live by itself", lambda: None, expected_step="Read what everybody will read")
        for words in ("Asked by Mara Lindqvist", "live on Pocket shop", "verified by Lin Chen"):
            expect(self.step_panel).to_contain_text(words)

    def create_own_source(self) -> None:
        self.perform_step("Now yours", self.click_button("Now yours"), expected_step="Now yours")
        self.perform_step("Hello, sent for me", self.click_button("Send “Hello Signalbook” for me"))
        expect(self.step_panel.locator(".own-verdict")).to_contain_text("Undocumented")
        line = self.step_panel.locator("pre").first.inner_text()
        assert line.startswith("curl http://127.0.0.1:")
        line = line.replace('"mood": "curious"', '"mood": "curious", "email": "ada@example.com"')
        self.perform_step("Your own event", lambda: subprocess.run(line, shell=True, check=True, capture_output=True))
        own = self.arrivals_panel.locator("article").first
        for words in ("Hello Signalbook", "Undocumented", "Segment wire", "Personal data", "email"):
            expect(own).to_contain_text(words)
        assert "ada@example.com" not in own.inner_text()

    @property
    def step_panel(self):
        return self.page.locator("#tour-now")

    @property
    def arrivals_panel(self):
        return self.page.locator("#tour-seen")

    def click_in_shop(self, what: str) -> Callable[[], None]:
        return self.shop.locator(f"#{what}").click

    def click_button(self, words: str) -> Callable[[], None]:
        return self.step_panel.get_by_role("button", name=words, exact=True).click

    def switch_account(self, name: str) -> None:
        """Sign in as whoever's turn it is, by the button that offers it."""
        began = time.monotonic()
        self.step_panel.get_by_role("button", name=f"Go on as {name}").click()
        expect(self.page.locator(".player[aria-current]")).to_contain_text(name)
        self.step_durations.append((f"Go on as {name}", time.monotonic() - began))

    def perform_step(self, name: str, action: Callable[[], object], *, expected_step: str = "") -> None:
        """Do it, wait until the tour has gone on, and hear one sentence of what happened."""
        began = time.monotonic()
        action()
        if expected_step:
            expect(self.page.locator("#tour-step")).to_contain_text(expected_step)
            message = self.page.locator(".told").inner_text()
            assert re.fullmatch(r"[A-Z0-9][^\n]{20,160}[.]", message), message
        else:
            expect(self.arrivals_panel.locator("article").first).to_be_visible()
        self.step_durations.append((name, time.monotonic() - began))

    def expect_arrivals(self, *words: str) -> None:
        for each in words:
            expect(self.arrivals_panel).to_contain_text(each)

    def displayed_latencies_ms(self) -> list[int]:
        """The milliseconds from tap to verdict that the page itself shows."""
        texts = self.arrivals_panel.locator("[data-message]").all_inner_texts()
        return [int(text.removesuffix(" ms")) for text in texts if text.endswith(" ms")]

    def take_screenshot(self, name: str) -> None:
        """Take a picture of the page for the README, where one is wanted."""
        if self.screenshot_folder is not None:
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=self.screenshot_folder / f"{name}.png")
