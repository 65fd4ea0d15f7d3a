"""What a list of the admin site may be narrowed by: a column that it hides would tell itself, sign by sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Field, Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import ApiToken, HistoryEntry, Session, User
from catalog.models import Source
from tests.factories.accounts import admin
from tracking.traffic.models import QuarantinedBatch

pytestmark = pytest.mark.django_db

SECRETS = ((Session, "session_key"), (Session, "session_data"), (ApiToken, "digest"), (User, "password"))


@pytest.fixture
def chief(db: None) -> User:
    return admin(username="chief")


@pytest.fixture
def site(chief: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(chief)


def list_url(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def hidden_columns(chief: User) -> Iterator[tuple[type[Model], Field]]:
    """Each model of the site with each column that neither its list nor its page shows."""
    request = RequestFactory().get("/admin/")
    request.user = chief
    for model, page in django_admin.site._registry.items():
        shown = {*map(str, page.get_list_display(request)), *flatten_fieldsets(page.get_fieldsets(request, chief))}
        narrowed = {part[0] if isinstance(part, tuple) else part for part in page.get_list_filter(request)}
        for field in model._meta.concrete_fields:
            if not field.primary_key and field.name not in shown | narrowed | {page.date_hierarchy}:
                yield model, field


def test_no_column_that_a_page_hides_can_be_asked_for(chief: User, site: Client) -> None:
    site.raise_request_exception = False
    hidden = list(hidden_columns(chief))
    assert len(hidden) > 5
    asked = {
        f"{field}?{query}": site.get(list_url(model), {query: "1"}).status_code
        for model, field in hidden
        for query in (f"{field.name}__isnull", field.name)
    }
    assert {name: status for name, status in asked.items() if status != 400} == {}


@pytest.mark.parametrize(("model", "column"), SECRETS)
@pytest.mark.parametrize("lookup", ["", "__startswith", "__regex", "__contains", "__gte", "__isnull"])
def test_a_secret_is_told_by_no_query(site: Client, model: type[Model], column: str, lookup: str) -> None:
    assert site.get(list_url(model), {f"{column}{lookup}": "a"}).status_code == 400


def test_nor_through_another_row(site: Client) -> None:
    for model, query in ((Session, "user__password__startswith"), (ApiToken, "user__sessions__session_key__gte")):
        assert site.get(list_url(model), {query: "a"}).status_code == 400
    assert site.get(list_url(Source), {"keys__key__startswith": "wk_"}).status_code == 400


def test_links_and_filters_of_the_site_go_on(chief: User, site: Client) -> None:
    for model, query in (
        (Session, {"user__id__exact": chief.pk}),
        (Session, {"id__exact": 1}),
        (Session, {"created_at__gte": "2025-01-01 00:00:00+00:00"}),
        (HistoryEntry, {"subject_type__exact": "user", "subject_id__exact": chief.pk}),
        (HistoryEntry, {"at__year": "2025"}),
        (User, {"is_active__exact": "1", "memberships__role__exact": "admin"}),
        (ApiToken, {"revoked_at__isempty": "1"}),
        (QuarantinedBatch, {"o": "1", "q": "x"}),
    ):
        assert site.get(list_url(model), query).status_code == 200, query


def test_every_page_of_the_site_refuses_alike() -> None:
    """Each takes the rule from the house's own classes, and none from Django's alone."""
    pages = [
        page for page in django_admin.site._registry.values() if type(page).lookup_allowed is ModelAdmin.lookup_allowed
    ]
    assert pages == []
