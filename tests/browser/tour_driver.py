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
class Guide:
    """Walks the tour in a page that stands at its beginning. `pictures` is where its three pictures go, if anywhere."""

    page: Page
    pictures: Path | None = None
    took: list[tuple[str, float]] = field(default_factory=list)

    @property
    def shop(self) -> FrameLocator:
        return self.page.frame_locator("#shop")

    def walk(self) -> None:
        """Go from the first tap to the source of one's own, without one reload."""
        self.page.evaluate("window.isUntouched = true")
        for walk in (self.see, self.break_it, self.ask, self.build, self.prove, self.make_it_yours):
            walk()
        assert self.page.evaluate("window.isUntouched === true"), "a step reloaded the page"

    def see(self) -> None:
        self.step("Tap Add to basket", self.tap("add"), then="Ship version 2.4.1")
        self.must_show("Product Added", "Conforming", "1.0.0")
        self.picture("shop")

    def break_it(self) -> None:
        switch = self.page.get_by_role("switch")
        expect(switch).to_have_attribute("aria-checked", "false")
        self.step("Ship the bug", switch.click, then="Press “Buy”")
        self.step("Buy", self.tap("buy"), then="Tap the heart")
        self.must_show("Order Completed", "Nonconforming", '/properties/total expected number, came "27.50"')
        self.must_show("only in 2.4.1", "Sofia Marques", "Whether the average order can carry free shipping")
        self.picture("verdict")

    def ask(self) -> None:
        self.step("Tap the heart", self.tap("heart"), then="Propose a definition")
        self.must_show("Product Liked", "Undocumented")
        expect(self.now).to_contain_text("The nearest in the catalog is")
        self.step("Propose", self.press("Propose definition"), then="Say what it is good for")
        expect(self.now.locator("table")).to_contain_text("1 of 1")
        assert self.now.locator("input.form-control").count() == 3
        self.now.get_by_label("What happens?").fill("Somebody tapped the heart of a product.")
        self.step("Submit", self.press("Submit for review"), then="Review what is asked for")
        self.become("Jonas")
        expect(self.now).to_contain_text("Of 1 tap that came so far, 1 would conform.")
        self.step("Approve", self.press("Approve"), then="Build it, and deploy 2.5.0")

    def build(self) -> None:
        self.become("Sofia")
        expect(self.now.locator("pre")).to_contain_text('analytics.track("Product Liked"')
        self.step("Deploy to staging", self.press("Deploy 2.5.0 to staging"), then="Tap the heart again")
        self.step("Tap the heart again", self.tap("heart"), then="Verify it")
        self.must_show("Product Liked", "Conforming", "2.5.0")
        self.become("Lin")
        self.step("Sign", self.press("Sign: verified on Pocket shop"), then="Ship 2.5.0 to production")

    def prove(self) -> None:
        self.become("Sofia")
        self.step("Ship to production", self.press("Ship to production"), then="Wait for the proof")
        self.step("Live by itself", lambda: None, then="Read what everybody will read")
        for words in ("Asked by Mara Lindqvist", "live on Pocket shop", "verified by Lin Chen"):
            expect(self.now).to_contain_text(words)

    def make_it_yours(self) -> None:
        self.step("Now yours", self.press("Now yours"), then="Now yours")
        self.step("Hello, sent for me", self.press("Send “Hello Signalbook” for me"))
        expect(self.now.locator(".own-verdict")).to_contain_text("Undocumented")
        line = self.now.locator("pre").first.inner_text()
        assert line.startswith("curl http://127.0.0.1:")
        line = line.replace('"mood": "curious"', '"mood": "curious", "email": "ada@example.com"')
        self.step("Your own event", lambda: subprocess.run(line, shell=True, check=True, capture_output=True))
        own = self.seen.locator("article").first
        for words in ("Hello Signalbook", "Undocumented", "Segment wire", "Personal data", "/properties/email"):
            expect(own).to_contain_text(words)
        assert "ada@example.com" not in own.inner_text()

    @property
    def now(self):
        return self.page.locator("#tour-now")

    @property
    def seen(self):
        return self.page.locator("#tour-seen")

    def tap(self, what: str) -> Callable[[], None]:
        return self.shop.locator(f"#{what}").click

    def press(self, words: str) -> Callable[[], None]:
        return self.now.get_by_role("button", name=words, exact=True).click

    def become(self, name: str) -> None:
        """Sign in as whoever's turn it is, by the button that offers it."""
        began = time.monotonic()
        self.now.get_by_role("button", name=f"Go on as {name}").click()
        expect(self.page.locator(".player[aria-current]")).to_contain_text(name)
        self.took.append((f"Go on as {name}", time.monotonic() - began))

    def step(self, name: str, do: Callable[[], object], *, then: str = "") -> None:
        """Do it, wait until the tour has gone on, and hear one sentence of what happened."""
        began = time.monotonic()
        do()
        if then:
            expect(self.page.locator("#tour-step")).to_contain_text(then)
            told = self.page.locator(".told").inner_text()
            assert re.fullmatch(r"[A-Z0-9][^\n]{20,160}[.]", told), told
        else:
            expect(self.seen.locator("article").first).to_be_visible()
        self.took.append((name, time.monotonic() - began))

    def must_show(self, *words: str) -> None:
        for each in words:
            expect(self.seen).to_contain_text(each)

    def times(self) -> list[int]:
        """The milliseconds from tap to verdict that the page itself shows."""
        texts = self.seen.locator("[data-message]").all_inner_texts()
        return [int(text.removesuffix(" ms")) for text in texts if text.endswith(" ms")]

    def picture(self, name: str) -> None:
        """Take a picture of the page for the README, where one is wanted."""
        if self.pictures is not None:
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=self.pictures / f"{name}.png")
