"""Who is throttled, as people see and end it in a browser; and how a locked person reads until when."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from catalog.services.write_keys import write_key_cache
from tests.browser.browser_session import BrowserSession
from tests.browser.test_every_page import page_problems
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.requests import TeamFixture
from tests.front.raw_http import post_events
from tests.live_processes import LiveServer, wait_for
from tracking.traffic.choices import ThrottleBound
from tracking.traffic.collect.throttle_log import throttle_log

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(200)]


def test_a_leaked_key_is_seen_and_revoked(window: Callable[..., BrowserSession], server: LiveServer) -> None:
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, name="Web shop")
    write_key_cache.entries.clear()
    key = create_write_key(source)
    throttle_log.note(key, ThrottleBound.SOURCE_EVENTS, size=123_456_789)
    throttle_log.flush()
    visitor = window(members.developer, reduced_motion="reduce")

    page = visitor.open(source.get_absolute_url())
    expect(page.get_by_text("This source is being throttled")).to_be_visible()
    page.get_by_role("link", name="How much was refused").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Throttled keys")
    row = page.get_by_role("row", name="Web shop")
    expect(row).to_contain_text("Events a second of the source")
    expect(row).to_contain_text("117.7")
    assert page_problems(page, has_shell=False) == []

    page = visitor.open("/throttled/")
    assert post_events(server.port, key.key).status == 200
    page.locator("main summary", has_text="Revoke").click()
    page.get_by_role("button", name="Revoke it now").click()
    expect(page.get_by_text("is revoked and no longer works")).to_be_visible()
    began = time.monotonic()
    wait_for(lambda: post_events(server.port, key.key).status == 401, seconds=5, what="the end of the key")
    assert time.monotonic() - began < 3
    assert page_problems(visitor.open("/throttled/?now=true"), has_shell=False) == []


def test_whoever_failed_too_often_reads_until_when(window: Callable[..., BrowserSession]) -> None:
    UserFactory.create(username="lin")
    visitor = window(reduced_motion="reduce")
    visitor.errors.allowed.add(429)
    page = visitor.open("/accounts/login/")
    for password in (*("wrong" for _ in range(10)), PASSWORD):
        page.get_by_label("Username").fill("lin")
        page.get_by_label("Password").fill(password)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator("[data-errors]")).to_contain_text(
        re.compile(r"Try again in 1[45] minutes, from \d\d:\d\d:\d\d UTC on")
    )
    assert page_problems(page, has_shell=False) == []
