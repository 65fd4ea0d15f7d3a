"""Cookies behind TLS: no other host of the domain can set or read them."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

COOKIE_SETTINGS = (
    *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "MESSAGE_STORAGE"),
)


@pytest.fixture
def production(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the settings of production say of cookies."""
    monkeypatch.setenv("SECRET_KEY", "x" * 50)
    monkeypatch.setenv("ALLOWED_HOSTS", "testserver")
    module = importlib.import_module("config.settings.production")
    for name in COOKIE_SETTINGS:
        setattr(settings, name, getattr(module, name))


def cookies_of_a_visit(browser: Client, **options: Any) -> dict[str, Any]:
    """Sign in, be told something, save and sign out; return every cookie that was set on the way."""
    UserFactory.create(username="lin")
    steps: list[tuple[str, dict[str, str]]] = [
        ("/accounts/login/", {}),
        ("/accounts/login/", {"login": "lin", "password": PASSWORD}),
        ("/settings/profile/", {"name": "Lin", "time_zone": "UTC", "theme": "auto"}),
        ("/accounts/logout/", {}),
    ]
    found: dict[str, Any] = {}
    for path, form in steps:
        response = browser.post(path, form, **options) if form else browser.get(path, **options)
        assert response.status_code in (200, 302), path
        found |= response.cookies
    return found


def test_behind_tls_each_cookie_is_of_this_host_alone(production: None) -> None:
    browser = Client()
    found = cookies_of_a_visit(browser, secure=True)
    found.pop("theme")  # the colours of this browser, which its script sets; told here to be forgotten
    assert set(found) == {"__Host-sessionid", "__Host-csrftoken", "__Host-messages"}
    for name, cookie in found.items():
        assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"], name
        assert cookie["samesite"] == "Lax", name
    assert found["__Host-sessionid"]["httponly"]


def test_without_tls_they_have_plain_names() -> None:
    assert {"sessionid", "csrftoken"} <= set(cookies_of_a_visit(Client()))


def test_the_form_of_a_page_is_taken_with_the_cookie_of_this_host(production: None) -> None:
    UserFactory.create(username="lin")
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/accounts/login/", secure=True)
    form = {"login": "lin", "password": PASSWORD, "csrfmiddlewaretoken": str(page.context["csrf_token"])}
    headers = {"referer": "https://testserver/accounts/login/"}
    assert browser.post("/accounts/login/", form, secure=True, headers=headers).status_code == 302
    browser.cookies["csrftoken"] = browser.cookies.pop("__Host-csrftoken").value
    assert browser.post("/accounts/logout/", form, secure=True, headers=headers).status_code == 403
