"""No page of the admin site writes a row without history: a model is read-only there, or each write leaves an entry."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin as admin_module
from django.contrib.admin.models import DELETION, LogEntry
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse

from accounts.admin.service_admin import ServiceAdmin
from accounts.models import HistoryEntry, Membership, Team, User
from accounts.roles import Role
from accounts.services import save_team
from catalog.models import Category, CompanyPolicy, Property, Source, Tag
from catalog.services.property_library import save_property
from catalog.services.sources import create_source
from catalog.services.taxonomy_editing import save_category, save_tag
from tests.concurrency import run_behind
from tests.factories.accounts import PASSWORD, TeamFactory, UserFactory, admin, person
from tests.factories.catalog import CategoryFactory, EventFactory, PropertyFactory, SourceFactory, TagFactory

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin_module.site._registry, key=lambda model: model._meta.label)


def empty_inlines(*prefixes: str) -> dict[str, int]:
    """The management forms of inlines without rows."""
    return {f"{prefix}-{name}": 0 for prefix in prefixes for name in ("TOTAL_FORMS", "INITIAL_FORMS")}


@dataclass(frozen=True)
class Page:
    """A model that can be written in the admin site: what is posted to add a row, and what then changes it."""

    subject_type: str
    create: Callable[[], Model]
    added: Callable[[], dict[str, Any]]
    changed: dict[str, Any]
    inlines: dict[str, int] = field(default_factory=dict)


SOURCE_INLINES = empty_inlines("write_keys", "deploys")
PAGES: dict[type[Model], Page] = {
    User: Page(
        "user",
        UserFactory.create,
        lambda: {"username": "mara", "name": "Mara", "email": "", "password": PASSWORD},
        {"name": "Other", "is_active": "on", "theme": "auto", "time_zone": "UTC", "has_shortcuts": "on"},
        empty_inlines("memberships"),
    ),
    Team: Page(
        "team",
        TeamFactory.create,
        lambda: {"name": "Payments", "slug": "payments", "contact": "", "own_approval_tiers": ""},
        {"contact": "#payments"},
        empty_inlines("memberships"),
    ),
    Category: Page(
        "category",
        CategoryFactory.create,
        lambda: {"name": "Cart", "slug": "cart", "parent": "", "description": ""},
        {"description": "What is in it"},
    ),
    Tag: Page("tag", TagFactory.create, lambda: {"name": "Core", "slug": "core"}, {"name": "Core events"}),
    Property: Page(
        "property",
        PropertyFactory.create,
        lambda: {
            "name": "coupon",
            "description": "",
            "schema": '{"type": "string"}',
            "examples": "[]",
            "unit": "",
            "sensitivity": "none",
            "origin": "client",
            "owner_team": "",
        },
        {"unit": "text"},
    ),
    Source: Page(
        "source",
        SourceFactory.create,
        lambda: {
            "slug": "shop",
            "name": "Shop",
            "description": "",
            "platform": "web",
            "owner_team": TeamFactory.create().pk,
            "version_from": "payload",
            "version_path": "/context/app/version",
            "version_order": "semver",
            "null_handling": "",
        },
        {"description": "The web shop"},
        SOURCE_INLINES,
    ),
}

SINGLE_ROWS = (CompanyPolicy,)
"""Models of one row, which a migration made."""


@pytest.fixture
def chief():
    return admin(username="chief")


@pytest.fixture
def site(chief, client_of):
    return client_of(chief)


def url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def actions(page: Page, pk: object, by: User) -> list[str]:
    found = HistoryEntry.objects.for_subject(page.subject_type, pk).filter(actor=by)
    return [entry.action for entry in found]


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label_lower)
def test_each_model_is_read_only_or_saved_by_services(model, chief):
    page = admin_module.site._registry[model]
    request = RequestFactory().get("/")
    request.user = chief
    may_write = [
        page.has_add_permission(request),
        page.has_change_permission(request),
        page.has_delete_permission(request),
    ]
    assert not page.list_editable, "edits in a list pass by the form"
    if model in SINGLE_ROWS:
        assert may_write == [False, True, False], "one row, that nobody adds or deletes"
        assert isinstance(page, ServiceAdmin)
        return
    if not any(may_write):
        assert model not in PAGES
        assert all(not inline.has_add_permission(request, None) for inline in page.get_inline_instances(request))
        return
    assert model in PAGES, "tell this test how a row is added and changed"
    assert isinstance(page, ServiceAdmin)


class TestCompanyPolicy:
    def test_each_write_leaves_an_entry(self, site, chief):
        for choice, recorded in (("warning", 1), ("absent", 2), ("absent", 2)):
            answer = site.post(url(CompanyPolicy, "change", CompanyPolicy.ONLY_ID), {"null_handling": choice})
            assert answer.status_code == 302, answer.context["errors"]
            assert CompanyPolicy.objects.get().null_handling == choice
            entries = HistoryEntry.objects.for_subject("company_policy", 1).filter(actor=chief, action="changed")
            assert len(entries) == recorded
        assert [entry.evidence["null_handling"] for entry in entries] == [["error", "warning"], ["warning", "absent"]]

    def test_there_is_one(self, site):
        assert CompanyPolicy.objects.get().null_handling == "error", "a migration made it"
        assert site.get(url(CompanyPolicy, "add")).status_code == 403


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.model_name)
class TestWrites:
    def test_adding_leaves_an_entry(self, model, site, chief):
        page = PAGES[model]
        before = set(model._default_manager.values_list("pk", flat=True))
        answer = site.post(url(model, "add"), page.added() | page.inlines)
        assert answer.status_code == 302, answer.context["errors"]
        (pk,) = set(model._default_manager.values_list("pk", flat=True)) - before
        assert actions(page, pk, chief) == ["created"]

    def test_changing_leaves_an_entry(self, model, site, chief):
        page = PAGES[model]
        site.post(url(model, "add"), (added := page.added()) | page.inlines)
        row = model._default_manager.order_by("-pk")[0]
        answer = site.post(url(model, "change", row.pk), added | page.changed | page.inlines)
        assert answer.status_code == 302, answer.context["errors"]
        assert actions(page, row.pk, chief) == ["created", "changed"]
        site.post(url(model, "change", row.pk), added | page.changed | page.inlines)
        assert actions(page, row.pk, chief) == ["created", "changed"], "nothing was changed the second time"

    def test_deleting_leaves_an_entry_or_is_refused(self, model, site, chief):
        page = PAGES[model]
        rows = [page.create() for _ in range(3)]
        first = site.post(url(model, "delete", rows[0].pk), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows[1:]], "post": "yes"}
        site.post(url(model, "changelist"), chosen)
        left = model._default_manager.filter(pk__in=[row.pk for row in rows]).count()
        if first.status_code == 403:
            assert left == 3
            return
        assert left == 0
        assert [actions(page, row.pk, chief) for row in rows] == [["deleted"]] * 3


@pytest.mark.parametrize("model", [User, Team], ids=lambda model: model._meta.model_name)
def test_memberships_given_and_taken_leave_entries(model, site, chief, team):
    user = person(Role.DEVELOPER, team=team)
    row = user if model is User else team
    form = {
        User: {"username": user.username, "name": user.name, "email": ""} | PAGES[User].changed | {"name": user.name},
        Team: {"name": team.name, "slug": team.slug, "contact": "", "own_approval_tiers": ""},
    }[model]
    held = {
        "memberships-TOTAL_FORMS": 2,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": Membership.objects.get(user=user).pk,
        "memberships-0-user": user.pk,
        "memberships-0-team": team.pk,
        "memberships-0-DELETE": "on",
        "memberships-1-user": user.pk,
        "memberships-1-team": team.pk,
        "memberships-1-role": "pm",
    }
    answer = site.post(url(model, "change", row.pk), form | held)
    assert answer.status_code == 302, answer.context["errors"]
    assert [membership.role for membership in Membership.objects.filter(user=user)] == ["pm"]
    assert sorted(actions(PAGES[User], user.pk, chief)) == ["role given", "role taken"]


@pytest.mark.parametrize(
    ("posted", "action"),
    [
        ({"password1": "another phrase, also long", "password2": "another phrase, also long"}, "password set"),
        ({"usable_password": "false", "unset-password": "yes"}, "password removed"),
    ],
)
def test_a_password_leaves_an_entry(posted, action, site, chief, stranger):
    answer = site.post(f"/admin/accounts/user/{stranger.pk}/password/", posted)
    assert answer.status_code == 302
    assert actions(PAGES[User], stranger.pk, chief) == [action]
    other = admin(username="second")
    assert site.get(f"/admin/accounts/user/{other.pk}/password/").status_code == 200


def test_what_is_in_use_is_kept_with_a_reason_however_it_is_deleted(site, chief):
    used, unused = CategoryFactory.create(name="Used"), CategoryFactory.create(name="Unused")
    EventFactory.create(category=used)
    page = site.post(url(Category, "delete", used.pk), {"post": "yes"})
    assert "Cannot delete category" in page.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [used.pk, unused.pk], "post": "yes"}
    site.post(url(Category, "changelist"), chosen)
    assert Category.objects.count() == 2
    assert not HistoryEntry.objects.filter(subject_type="category").exists()


def test_a_refused_deletion_is_a_message_and_leaves_nothing_behind(site, chief, monkeypatch):
    # Django lists what protects a row before it asks the service; here the event gets its category in between.
    rows = [CategoryFactory.create() for _ in range(2)]
    event = EventFactory.create(category=rows[1])
    monkeypatch.setattr(
        "django.contrib.admin.options.get_deleted_objects", lambda objs, request, site: ([], {}, set(), [])
    )
    page = site.post(url(Category, "delete", rows[1].pk), {"post": "yes"}, follow=True)
    assert "still used by 1 event" in page.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    page = site.post(url(Category, "changelist"), chosen, follow=True)
    assert "still used by 1 event" in page.content.decode()
    assert Category.objects.count() == 2 and event.category == rows[1]
    assert not HistoryEntry.objects.filter(subject_type="category").exists()
    assert not LogEntry.objects.filter(action_flag=DELETION).exists()


def test_a_refusal_is_shown_at_the_field_with_what_was_typed(site, chief):
    top = save_category(name="Top", by=chief)
    bottom = save_category(name="Bottom", parent=top, by=chief)
    form = {"name": "Renamed", "slug": "top", "parent": bottom.pk, "description": "As typed"}
    page = site.post(url(Category, "change", top.pk), form)
    assert page.status_code == 200
    assert "lies inside it" in page.context["adminform"].form.errors["parent"][0]
    assert "As typed" in page.content.decode()
    top.refresh_from_db()
    assert (top.name, top.parent) == ("Top", None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("model", "save", "fields", "taken"),
    [
        (Team, save_team, {"name": "Payments", "slug": "payments"}, "name"),
        (Category, save_category, {"name": "Cart", "slug": "cart"}, "slug"),
        (Tag, save_tag, {"name": "Core", "slug": "core"}, "slug"),
        (Property, save_property, {"name": "coupon"}, "name"),
        (Source, create_source, {"slug": "shop", "name": "Shop", "platform": "web"}, "slug"),
    ],
    ids=["team", "category", "tag", "property", "source"],
)
def test_a_name_that_somebody_takes_at_the_same_moment_is_a_sentence_at_its_field(
    model, save, fields, taken, site, chief
):
    posted = PAGES[model].added() | PAGES[model].inlines
    if model is Source:
        fields = fields | {"owner_team": TeamFactory.create()}
    _, page = run_behind(lambda: save(by=chief, **fields), lambda: site.post(url(model, "add"), posted))
    assert page.status_code == 200
    assert "already exists" in page.context["adminform"].form.errors[taken][0]
    assert model._default_manager.filter(**{taken: fields[taken]}).count() == 1
