"""A real Chromium, a real server and a real worker for the tests of this folder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, expect, sync_playwright

from accounts.models import User
from tests.browser.browser_session import TIMEOUT_MS, BrowserSession, open_session
from tests.emptied_tables import empty_tables
from tests.live_processes import LiveServer, Worker

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser that all tests of this folder share; each opens windows of its own."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is missing. Install it: apt-get install chromium")
    expect.set_options(timeout=TIMEOUT_MS)
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        # Playwright's synchronous interface runs a loop in this thread, which Django takes for asynchronous code.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server and the worker keep their logs and the broker's messages."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="package")
def server(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[LiveServer]:
    """The server that all tests of this folder share; each test begins with empty tables."""
    with LiveServer(folder) as live:
        yield live
    with django_db_blocker.unblock():
        empty_tables()  # such as what it had refused, which it notes at its end
        connection.close()


@pytest.fixture
def worker(transactional_db: None, server: LiveServer, folder: Path) -> Iterator[Worker]:
    """A worker with its beat, which ends before the tables are emptied: it is never without work."""
    with Worker(folder) as working:
        yield working


@pytest.fixture
def window(transactional_db: None, chromium: Browser, server: LiveServer) -> Iterator[Callable[..., BrowserSession]]:
    """A function that opens a window, signed in where a person is given. No window may have complained."""
    opened: list[BrowserSession] = []

    def open_window(user: User | None = None, **options: Any) -> BrowserSession:
        visitor = open_session(chromium, server.url, **options)
        opened.append(visitor)
        return visitor.sign_in(user) if user else visitor

    yield open_window
    for visitor in opened:
        visitor.context.close()
    assert [complaint for visitor in opened for complaint in visitor.errors.messages] == []
