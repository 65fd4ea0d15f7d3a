"""The catalog in the admin site: admins look at everything, save through services, and change no definition."""

import pytest
from django.apps import apps
from django.urls import reverse

from accounts.models import HistoryEntry
from accounts.roles import Role
from catalog.choices import OwnerRole
from catalog.models import ImportRun, Property, Source
from catalog.services.bindings import BASELINE_START, bind_source
from catalog.services.deploys import mark_deploy
from catalog.services.events import add_owner
from catalog.services.imports.import_runs import run_baseline_import, start_import
from tests.catalog.test_imports import SEGMENT
from tests.factories.accounts import UserFactory, admin, person
from tests.factories.catalog import (
    CategoryFactory,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    TagFactory,
    create_write_key,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of):
    return client_of(admin())


@pytest.fixture
def filled(system):
    source = SourceFactory.create()
    create_write_key(source)
    mark_deploy(source, environment="production", version="1.0.0", by=system)
    event = EventFactory.create(
        sources=[source], is_live=True, category=CategoryFactory.create(), tags=[TagFactory.create()]
    )
    bind_source(event, None, source, environments=["production"], since_at=BASELINE_START, by=system)
    add_owner(event, UserFactory.create(), OwnerRole.QA, by=system)
    PropertyFactory.create()
    run_baseline_import(start_import(format=SEGMENT[0], file_name=SEGMENT[1], content=SEGMENT[2], by=system))
    return event


MODELS = ("event", "version", "source", "property", "category", "tag", "importrun")


def changelist(model):
    return reverse(f"admin:catalog_{model}_changelist")


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages_open_and_are_searched(browser, filled, model):
    assert browser.get(changelist(model)).status_code == 200
    assert browser.get(changelist(model), {"q": "e"}).status_code == 200
    pk = apps.get_model("catalog", model)._default_manager.order_by("pk").values_list("pk", flat=True)[0]
    assert browser.get(reverse(f"admin:catalog_{model}_change", args=[pk])).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nobody_but_an_admin_gets_in(client_of, stranger, model):
    for user in (stranger, person(Role.ANALYST)):
        assert client_of(user).get(changelist(model)).status_code in (302, 403)


@pytest.mark.parametrize("model", ["event", "version", "importrun"])
def test_what_requests_and_imports_write_is_not_changed_here(browser, filled, model):
    rows = {"event": filled, "version": filled.newest_version, "importrun": ImportRun.objects.first()}
    page = reverse(f"admin:catalog_{model}_change", args=[rows[model].pk])
    assert browser.post(page, {"name": "x"}).status_code == 403
    assert browser.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert browser.get(reverse(f"admin:catalog_{model}_add")).status_code == 403


def test_lists_cost_the_same_however_many_rows(browser, filled, django_assert_max_num_queries):
    for _ in range(5):
        EventFactory.create(category=CategoryFactory.create(), sources=[SourceFactory.create()])
    for model in MODELS:
        with django_assert_max_num_queries(15):
            browser.get(changelist(model))
    with django_assert_max_num_queries(25):
        browser.get(reverse("admin:catalog_event_change", args=[filled.pk]))


def test_a_source_is_saved_by_its_service(browser, team):
    inlines = {
        f"{inline}-{field}": 0 for inline in ("write_keys", "deploys") for field in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    fields = {
        "slug": "shop",
        "name": "Shop",
        "description": "",
        "platform": "web",
        "owner_team": team.pk,
        "version_from": "payload",
        "version_path": "/context/app/version",
        "version_order": "semver",
    }
    answer = browser.post(reverse("admin:catalog_source_add"), fields | inlines)
    assert answer.status_code == 302, answer.content
    source = Source.objects.get()
    browser.post(reverse("admin:catalog_source_change", args=[source.pk]), fields | inlines | {"name": "Web shop"})
    source.refresh_from_db()
    assert source.name == "Web shop"
    entries = HistoryEntry.objects.for_subject("source", source.pk)
    assert [(entry.action, entry.actor.is_staff) for entry in entries] == [("created", True), ("changed", True)]


def test_a_property_is_saved_by_its_service(browser):
    fields = {
        "name": "coupon",
        "description": "",
        "schema": '{"type": "string"}',
        "examples": "[]",
        "unit": "",
        "sensitivity": "none",
        "origin": "client",
        "owner_team": "",
    }
    assert browser.post(reverse("admin:catalog_property_add"), fields).status_code == 302
    entry = Property.objects.get()
    assert (entry.schema, entry.sensitivity) == ({"type": "string"}, "none")
    browser.post(reverse("admin:catalog_property_change", args=[entry.pk]), fields | {"unit": "text"})
    assert [each.action for each in HistoryEntry.objects.for_subject("property", entry.pk)] == ["created", "changed"]
