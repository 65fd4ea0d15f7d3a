"""The style page and the shell around every page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from accounts.models import Theme, User
from accounts.roles import Role
from home import style_guide_examples
from home.context_processors import page_layout
from pages.templatetags.ui import register
from tests.factories.accounts import UserFactory, admin, person
from tests.factories.catalog import EventFactory, definition
from tests.page_text import one_line

ClientOf = Callable[[User], Client]


def test_whoever_has_not_signed_in_is_asked_to(client: Client, db: None):
    response = client.get("/style/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/style/"


def test_it_shows_every_part(client_of: ClientOf, stranger: User):
    response = client_of(stranger).get("/style/")
    html = response.content.decode()
    marks = (
        "chip tone-ok",
        "sparkline",
        "stepper",
        "timeline",
        "diff-changed",
        "code-head",
        "j-key",
        "filters-side",
        "pages-link",
        "aria-sort",
        "errors",
        "field-error",
        "empty",
        "stat-value",
        "person-name",
        "banner tone-bad",
        "glyph",
        "tab-count",
        "copy",
        "bar-piece",
        "toast-note",
        "live-dot",
        "unfold",
    )
    assert response.status_code == 200
    assert [mark for mark in marks if mark not in html] == []


def test_it_uses_every_tag():
    used = render_source("home/style.html") + render_source("home/specimen.html")
    missing = [name for name in register.tags if f"{{% {name} " not in used]
    # A fault is a page of its own, with a heading of its own. A query string alone shows nothing; the tags of lists
    # and tabs are made of it.
    assert sorted(missing) == ["fault", "query"]


def render_source(name: str) -> str:
    with open(f"templates/{name}", encoding="utf-8") as file:
        return file.read()


def test_a_page_has_its_landmarks_and_one_heading(client_of: ClientOf, stranger: User):
    html = client_of(stranger).get("/style/").content.decode()
    assert html.count("<h1") == 1
    assert '<html lang="en"' in html
    assert 'href="#main"' in html
    for landmark in ("<main ", "<nav ", "<header ", "<footer "):
        assert landmark in html


def test_no_two_elements_share_an_id(client_of: ClientOf, stranger: User):
    html = client_of(stranger).get("/style/?status=live&side-status=live").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


def test_two_filters_on_one_page_know_each_other(client_of: ClientOf, stranger: User):
    html = client_of(stranger).get("/style/?status=live&side-status=live&page=2").content.decode()
    assert "pill-bad" not in html


def test_the_filters_of_the_page_bear_nonsense(client_of: ClientOf, stranger: User):
    response = client_of(stranger).get("/style/?status=nonsense&since=never&page=-1&q=%00")
    assert response.status_code == 200
    assert "pill-bad" in response.content.decode()


@pytest.mark.parametrize(
    ("cookie", "own", "seen"),
    [
        ("dark", Theme.LIGHT, "dark"),
        ("", Theme.DARK, "dark"),
        ("purple", Theme.AUTO, "auto"),
        ("auto", Theme.DARK, "auto"),
    ],
)
def test_the_theme_is_the_browsers_then_the_persons(client_of: ClientOf, db: None, cookie: str, own: str, seen: str):
    client = client_of(UserFactory.create(theme=own))
    if cookie:
        client.cookies["theme"] = cookie
    html = one_line(client.get("/style/").content.decode())
    assert f'<html lang="en" data-theme="{seen}"' in html
    assert (f'data-theme="{seen}" data-bs-theme="{seen}"' in html) == (seen != "auto")


def test_the_way_to_the_admin_site_is_shown_to_admins_alone(client_of: ClientOf, stranger: User):
    assert 'href="/admin/"' not in client_of(stranger).get("/style/").content.decode()
    assert 'href="/admin/"' in client_of(admin()).get("/style/").content.decode()


def test_new_request_is_offered_to_those_who_may(client_of: ClientOf, stranger: User):
    assert 'href="/requests/new/"' not in client_of(stranger).get("/style/").content.decode()
    assert 'href="/requests/new/"' in client_of(person(Role.PM)).get("/style/").content.decode()


def test_shortcuts_can_be_switched_off(client_of: ClientOf, db: None):
    html = client_of(UserFactory.create(has_shortcuts=False)).get("/style/").content.decode()
    assert '<body data-keys="off">' in html


@pytest.mark.parametrize(
    ("path", "label", "current"),
    [
        ("/events/", "Catalog", "page"),
        ("/events/4-order/", "Catalog", "true"),
        ("/", "Home", "page"),
        ("/style/", "Home", ""),
    ],
)
def test_the_navigation_says_where_one_is(stranger: User, path: str, label: str, current: str):
    request = RequestFactory().get(path)
    request.user = stranger
    items = [item for group in page_layout(request)["nav"] for item in group]
    assert next(item.current for item in items if item.label == label) == current


def test_the_search_field_keeps_its_words(stranger: User):
    request = RequestFactory().get("/search/?q=order")
    request.user = stranger
    assert page_layout(request)["search_query"] == "order"


@pytest.mark.parametrize("code", ["400", "403", "404", "409", "410", "429", "500"])
def test_every_error_page_renders_without_anything_known(code: str):
    html = render_to_string(f"{code}.html")
    assert code in html
    assert html.count("<h1") == 1


def test_403_names_the_roles_that_are_missing_and_who_can_give_them(stranger: User):
    context = {"reason": "You may not approve.", "missing_roles": ["Analyst", "Admin"], "admins": [stranger]}
    html = render_to_string("403.html", context)
    assert "Analyst, Admin" in html
    assert str(stranger) in html


def test_500_shows_the_request_id(monkeypatch: pytest.MonkeyPatch, client_of: ClientOf, stranger: User):
    def broken(path: str, person: User) -> dict[str, object]:
        raise RuntimeError("an example of a fault")

    monkeypatch.setattr(style_guide_examples, "style_guide_context", broken)
    client = client_of(stranger)
    client.raise_request_exception = False
    response = client.get("/style/", headers={"X-Request-ID": "abcdef1234567890"})
    assert response.status_code == 500
    assert "abcdef1234567890" in response.content.decode()


def test_404_shows_the_request_id(client_of: ClientOf, stranger: User):
    response = client_of(stranger).get("/nowhere/", headers={"X-Request-ID": "abcdef1234567890"})
    assert response.status_code == 404
    assert "abcdef1234567890" in response.content.decode()


def test_a_search_says_which_events_may_carry_a_value_and_what_was_meant(client_of: ClientOf, stranger: User):
    paid = {"type": "object", "properties": {"paid_by": {"type": "string", "enum": ["klarna", "card"]}}}
    EventFactory.create(name="Checkout Started", definition=definition("Checkout Started", schema=paid))
    browser = client_of(stranger)
    assert "Events that may carry this value" in browser.get("/search/?q=Klarna").content.decode()
    page = browser.get("/search/?q=chekout").content.decode()
    assert "Did you mean" in page and "Checkout Started" in page
