"""Pages of the catalog: who sees them, what they show, what they cost, and how they take hostile text."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment
from catalog.models import Deploy, Source, WriteKey
from catalog.services.events import rename_event
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import (
    CategoryFactory,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    create_write_key,
    definition,
    publish_next_version,
)
from tests.factories.traffic import post_batch, process_inbox, track_call
from tests.page_text import one_line

HOSTILE = "<script>alert(1)</script>\"'{{ 7 }}\u202e"
LIST_BUDGET = 12
PAGE_BUDGET = 25


@pytest.fixture
def viewer(db: None) -> User:
    return person("viewer")


@pytest.fixture
def browser(viewer: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(viewer)


LISTS = ["catalog:events", "catalog:properties", "catalog:sources"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_to_sign_in_first(client: Client, db: None, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_says_what_it_is_for(browser: Client, name: str) -> None:
    page = browser.get(reverse(name)).content.decode()
    assert 'class="empty' in page


@pytest.mark.parametrize("name", LISTS)
def test_a_filtered_empty_list_differs_from_an_empty_one(browser: Client, name: str) -> None:
    EventFactory.create(sources=[SourceFactory.create()])
    PropertyFactory.create()
    empty = browser.get(reverse(name), {"q": "nothing has this name"}).content.decode()
    assert "match" in empty
    assert "Clear all" in empty


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "query", ["platform=teapot", "page=99999", "sort=;drop", "q=%00%ff", "tier=x", "property=9" * 30]
)
def test_a_filter_that_means_nothing_never_breaks_a_list(browser: Client, name: str, query: str) -> None:
    assert browser.get(f"{reverse(name)}?{query}").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_a_list_keeps_its_query_budget(
    browser: Client, name: str, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    category, team = CategoryFactory.create(), TeamFactory.create()
    for _number in range(12):
        EventFactory.create(sources=[SourceFactory.create(owner_team=team)], category=category, owner_team=team)
        PropertyFactory.create(owner_team=team)
    browser.get(reverse(name))
    with django_assert_max_num_queries(LIST_BUDGET):  # type: ignore[attr-defined]
        assert browser.get(reverse(name)).status_code == 200


def test_a_list_answers_its_fragment_to_htmx(browser: Client) -> None:
    EventFactory.create(name="Order Completed")
    response = browser.get(reverse("catalog:events"), headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "Order Completed" in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_an_export_keeps_the_filters(browser: Client) -> None:
    EventFactory.create(name="Order Completed")
    EventFactory.create(name="Search Performed")
    csv = browser.get(reverse("catalog:events"), {"q": "order completed", "export": "csv"})
    assert csv.headers["Content-Type"].startswith("text/csv")
    assert "Order Completed" in csv.content.decode()
    assert "Search Performed" not in csv.content.decode()


def test_the_event_page_shows_what_it_is(browser: Client) -> None:
    source = SourceFactory.create(name="Web shop")
    event = EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    page = browser.get(event.get_absolute_url()).content.decode()
    for words in ("Order Completed", "A person has paid for an order.", "total", "Web shop", "1.0.0", "Live"):
        assert words in page, words


def test_the_event_page_keeps_its_query_budget(
    browser: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    properties = {f"property_{n}": {"type": "string"} for n in range(50)}
    document = definition("Big", schema={"type": "object", "properties": properties})
    event = EventFactory.create(name="Big", definition=document, sources=[SourceFactory.create() for _ in range(3)])
    browser.get(event.get_absolute_url())
    with django_assert_max_num_queries(PAGE_BUDGET):  # type: ignore[attr-defined]
        assert browser.get(event.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("name", [HOSTILE, "a/b/../c", "..", "?q=1#x", "日本語", "a\u2008b", "x" * 512])
def test_any_name_has_a_page(browser: Client, name: str) -> None:
    event = EventFactory.create(name=name)
    response = browser.get(event.get_absolute_url())
    assert response.status_code == 200
    assert "<script>alert(1)" not in response.content.decode()


def test_an_old_address_leads_to_the_new_name(browser: Client) -> None:
    event = EventFactory.create(name="Order Completed")
    rename_event(event, "Order Placed", by=User.objects.system())
    event.refresh_from_db()
    response = browser.get(f"/events/{event.pk}-order-completed/?v=1.0.0")
    assert response.status_code == 301
    assert response.headers["Location"] == f"/events/{event.pk}-order-placed/?v=1.0.0"
    assert browser.get(f"/events/{event.pk}/").status_code == 301


def test_a_version_can_be_pinned(browser: Client) -> None:
    event = EventFactory.create(name="Order Completed")
    publish_next_version(event, definition(description="Other words."))
    page = browser.get(f"{event.get_absolute_url()}?v=1.0.0").content.decode()
    assert "You view 1.0.0" in page
    unknown = browser.get(f"{event.get_absolute_url()}?v=9.9.9").content.decode()
    assert "never had a version 9.9.9" in unknown


def test_two_versions_can_be_compared(browser: Client) -> None:
    event = EventFactory.create(name="Order Completed")
    schema = {"type": "object", "properties": {"total": {"type": "string"}}, "required": ["total"]}
    version = publish_next_version(event, definition(schema=schema))
    assert str(version.number) == "2.0.0"
    page = browser.get(reverse("catalog:comparison", args=[event.pk, "1.0.0", "2.0.0"])).content.decode()
    assert "Major" in page
    assert "total" in page
    assert browser.get(f"/events/{event.pk}/compare/1.0.0...7.0.0/").status_code == 404
    assert browser.get(f"/events/{event.pk}/compare/one...two/").status_code == 404


def test_a_property_lists_its_uses(browser: Client) -> None:
    entry = PropertyFactory.create(name="total")
    event = EventFactory.create(name="Order Completed")
    page = browser.get(entry.get_absolute_url()).content.decode()
    assert "Order Completed" in page
    assert event.get_absolute_url() in page


def test_a_new_source_gets_a_key_for_each_environment(client_of: Callable[[User], Client], db: None) -> None:
    team = TeamFactory.create()
    developer = person("developer", team=team)
    form = {
        "name": "Web shop",
        "slug": "web-shop",
        "platform": "web",
        "owner_team": team.pk,
        "version_from": "payload",
        "version_path": "/context/app/version",
        "version_order": "semver",
    }
    response = client_of(developer).post(reverse("catalog:source_new"), form)
    assert response.status_code == 302
    source = Source.objects.get(slug="web-shop")
    assert {key.environment for key in source.write_keys.all()} == set(Environment.values)
    again = client_of(developer).post(reverse("catalog:source_new"), form)
    assert again.status_code == 422
    assert Source.objects.count() == 1


def test_a_viewer_may_not_make_a_source(browser: Client) -> None:
    response = browser.post(reverse("catalog:source_new"), {})
    assert response.status_code == 403
    assert "Developer" in response.content.decode() or "developer" in response.content.decode()


@pytest.mark.parametrize("address", ["deploys/", "keys/", "keys/1/rotate/", "keys/1/revoke/", "test-event/"])
def test_addresses_that_only_take_a_post_lead_to_the_page_of_their_source(address: str, browser: Client) -> None:
    source = SourceFactory.create()
    url = f"{source.get_absolute_url()}{address}"
    assert browser.get(url)["Location"].partition("#")[0] == source.get_absolute_url()
    assert browser.put(url).status_code == 405


@pytest.mark.parametrize(("role", "status"), [("developer", 302), ("viewer", 403), ("pm", 403)])
def test_keys_are_rotated_and_revoked_by_those_who_may(
    client_of: Callable[[User], Client], db: None, role: str, status: int
) -> None:
    team = TeamFactory.create()
    source = SourceFactory.create(owner_team=team)
    key = create_write_key(source)
    browser = client_of(person(role, team=team))
    rotated = browser.post(reverse("catalog:key_rotated", args=[source.slug, key.pk]))
    assert rotated.status_code == status
    assert WriteKey.objects.filter(source=source).count() == (2 if status == 302 else 1)
    revoked = browser.post(reverse("catalog:key_revoked", args=[source.slug, key.pk]))
    assert revoked.status_code == status
    key.refresh_from_db()
    assert (key.revoked_at is not None) == (status == 302)


def test_the_source_page_shows_keys_and_marks_deploys(client_of: Callable[[User], Client], db: None) -> None:
    team = TeamFactory.create()
    source = SourceFactory.create(owner_team=team)
    key = create_write_key(source)
    browser = client_of(person("developer", team=team))
    marked = browser.post(
        reverse("catalog:deploy_marked", args=[source.slug]), {"environment": "staging", "version": "2.5.0"}
    )
    assert marked.status_code == 302
    page = browser.get(source.get_absolute_url()).content.decode()
    assert key.key in page
    assert "2.5.0" in page
    assert source.deploys.get().environment == "staging"


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def test_a_deploy_from_before_times_had_bounds_is_shown_and_taken_back(
    client_of: Callable[[User], Client], db: None, zone: str
) -> None:
    source = SourceFactory.create()
    developer = person("developer", team=source.owner_team)
    browser = client_of(developer)
    with timezone.override(zone):
        for at in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
            deploy = Deploy.objects.create(
                source=source, environment="staging", version="2.5.0", at=at, created_by=developer
            )
            assert "Take back" in browser.get(source.get_absolute_url()).content.decode()
            address = reverse("catalog:deploy_removed", args=[source.slug, deploy.pk])
            page = browser.post(address, follow=True)
            assert "The deploy of 2.5.0 in staging is taken back." in page.content.decode()
            assert "Somebody else has taken back this deploy." in browser.post(address, follow=True).content.decode()
    assert not source.deploys.exists()


def test_the_event_page_begins_with_whether_it_can_be_trusted(browser: Client) -> None:
    source = SourceFactory.create(name="Web shop")
    event = EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    page = one_line(browser.get(event.get_absolute_url()).content.decode())
    assert "Nothing came from production in 30 days" in page
    key = create_write_key(source)
    post_batch(key, track_call(), track_call(), track_call(properties={"total": "x"}))
    post_batch(create_write_key(source, "staging"), track_call())
    process_inbox()
    page = one_line(browser.get(event.get_absolute_url()).content.decode())
    head = page[: page.index("What is it?")]
    assert "66.7 % of" in head and "conform in 30 days" in head and "total has the wrong type" in head
    assert "Not counted here: 1 from staging." in page
    assert "most on one day" in page


def test_an_event_without_an_example_says_so_and_still_shows_how_to_send_it(browser: Client) -> None:
    impossible = definition("Nothing Fits", schema={"type": "object", "minProperties": 5, "maxProperties": 1})
    event = EventFactory.create(name="Nothing Fits", sources=[SourceFactory.create()], definition=impossible)

    page = one_line(browser.get(event.get_absolute_url()).content.decode())

    assert "No values that pass the definition were found" in page
    assert "A payload that conforms" not in page
    assert "Nothing Fits" in page
