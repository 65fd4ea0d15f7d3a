"""What once was a failure of ours, or would be by the means of Django alone: each by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import admin
from tests.hostile.page_forms import as_multipart

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of: Callable[[User], Client]) -> Client:
    client = client_of(admin())
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("charset", ["zlib", "rot13", "utf-16", "no-such"])
def test_no_charset_of_a_form_is_believed(charset: str) -> None:
    """Nobody has to be signed in for this."""
    body, _content_type = as_multipart({"login": "x", "password": "y"}, set())
    kind = f"multipart/form-data; boundary=a-boundary; charset={charset}"
    client = Client(raise_request_exception=False)
    assert client.generic("POST", "/accounts/login/", body, content_type=kind).status_code == 200
    assert (
        client.generic("GET", "/accounts/login/?next=%C3%A9", content_type=f"x/y; charset={charset}").status_code == 200
    )


@pytest.mark.parametrize("year", ["-1", "0", "1", "9999", "10000", "9223372036854775808", "NaN", "", "٢٠٢٦"])
@pytest.mark.parametrize("filtered", ["accounts_historyentry_changelist?at", "catalog_version_changelist?withdrawn_at"])
def test_no_year_of_a_filter_of_the_admin_is_absurd(browser: Client, filtered: str, year: str) -> None:
    name, _, field = filtered.partition("?")
    assert browser.get(reverse(f"admin:{name}"), {f"{field}__year": year}).status_code == 400


def test_a_year_of_a_filter_of_the_admin_still_filters(browser: Client) -> None:
    url = reverse("admin:accounts_historyentry_changelist")
    for query in ({"at__year": "2026"}, {"at__year": "2026", "at__month": "2", "at__day": "28"}, {"at__year": "2199"}):
        assert browser.get(url, query).status_code == 200
    # The day does not exist: Django leads back to the list with its own word for it.
    assert browser.get(url, {"at__year": "2026", "at__month": "2", "at__day": "30"}).status_code == 302


@pytest.mark.parametrize("model", ["catalog_property", "catalog_source", "catalog_category", "accounts_team"])
@pytest.mark.parametrize("chosen", ["null", "-Infinity", "9" * 30, "\0", "٣"])
def test_a_choice_that_is_no_row_is_refused_by_the_form(browser: Client, model: str, chosen: str) -> None:
    inlines = {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0"}
    fields = {"owner_team": chosen, "parent": chosen, "memberships-0-user": chosen, "memberships-0-role": "admin"}
    assert browser.post(reverse(f"admin:{model}_add"), fields | inlines).status_code in (200, 400)


@pytest.mark.parametrize("field", ["schema", "examples"])
def test_half_of_a_surrogate_pair_in_the_json_of_a_form_is_refused(browser: Client, field: str) -> None:
    fields = {"name": "x", "schema": "{}", "examples": "[]", field: '["\\ud800"]'}
    answer = browser.post(reverse("admin:catalog_property_add"), fields)
    assert answer.status_code == 200
    assert "half of a surrogate pair" in answer.content.decode() and "ud800" in answer.content.decode()


def test_an_exemption_of_an_event_past_any_id_is_404(browser: Client) -> None:
    for method in ("GET", "POST"):
        assert browser.generic(method, f"/events/{'9' * 40}/exemptions/").status_code == 404
