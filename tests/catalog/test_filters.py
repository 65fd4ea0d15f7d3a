"""What lists of the catalog show: search, filters, order, and what a row costs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils import timezone

from catalog.choices import Call, Environment, Health, Kind, Origin, Platform, Sensitivity, Status
from catalog.event_freshness import max_silence
from catalog.filters import CategoryFilter, DeployFilter, EventFilter, PropertyFilter, SourceFilter, VersionFilter
from catalog.models import Category, Deploy, Event, Property, Source, Version
from catalog.name_index import name_index
from catalog.name_suggestions import closest_events, suggest_events
from catalog.services.deploys import mark_deploy
from catalog.services.event_projections import EventTraffic, update_event_status, update_event_traffic
from catalog.services.events import rename_event
from catalog.services.versions import withdraw_version
from catalog.services.write_keys import update_keys_last_seen
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.catalog import (
    CategoryFactory,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    TagFactory,
    create_write_key,
    definition,
    newest_version,
    publish_next_version,
)

pytestmark = pytest.mark.django_db


def filtered(filterset, queryset, query):
    found = filterset(QueryDict(query), queryset=queryset)
    assert not found.errors, found.errors
    return [str(row) for row in found.qs]


def events(query):
    return filtered(EventFilter, Event.objects.with_list_data(), query)


class TestSearch:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("Order Completed", "order"),
            ("Order Completed", "comp ORD"),
            ("orderCompleted", "completed"),
            ("orderCompleted", "orderComp"),
            ("orderCompleted", "ordercompl"),
            ("order_completed", "order_com"),
            ("com.example/order.completed", "completed"),
            ("com.example/order.completed", "example/order"),
            ("Überweisung", "überw"),
            ("购物车", "购物"),
            ("🛒", "🛒"),
            ("100% off", "100%"),
        ],
    )
    def test_names_are_found_by_the_beginnings_of_their_parts(self, name, text):
        EventFactory.create(name=name)
        EventFactory.create(name="Something else", definition=definition(description="Quite another thing."))
        assert [str(event) for event in Event.objects.search(text)] == [name]

    @pytest.mark.parametrize(
        "text", ["'", "a' | 'b", "!", ":*", "\\", "\0", "a & !b", "' ' '", "x" * 10_000, "%", "<->"]
    )
    def test_no_text_breaks_the_search(self, text):
        EventFactory.create(name="Order Completed")
        assert "Order Completed" not in [str(event) for event in Event.objects.search(text)]

    def test_names_weigh_more_than_words_and_the_exact_name_most(self):
        EventFactory.create(name="Checkout Started", definition=definition(description="Before Order Completed comes"))
        EventFactory.create(name="Order Completed Late")
        exact = EventFactory.create(name="Order Completed")
        found = list(Event.objects.search("Order Completed"))
        assert [str(event) for event in found] == ["Order Completed", "Order Completed Late", "Checkout Started"]
        assert found[0] == exact and all(isinstance(event.rank, int) for event in found)

    def test_a_former_name_finds_the_event(self, system):
        event = EventFactory.create(name="Purchase")
        rename_event(event, "Order Completed", by=system)
        assert list(Event.objects.search("Purchase")) == [event]

    @pytest.mark.parametrize(
        "text",
        [
            "ordercompleted",
            "orderCompl",
            "ORDER_COMPLETED",
            "Order\u00a0Completed",
            "Order\u200bCompl",
            "\u041erder Completed",
        ],
    )
    def test_a_name_is_found_by_whatever_people_read_as_it_or_as_its_beginning(self, text):
        EventFactory.create(name="Order Completed")
        EventFactory.create(name="Cart Viewed")
        assert [str(event) for event in Event.objects.search(text)] == ["Order Completed"]

    def test_another_spelling_of_a_name_comes_before_what_only_has_its_words(self):
        EventFactory.create(name="A", definition=definition("A", description="order completed order completed"))
        EventFactory.create(name="Order Completed Late")
        EventFactory.create(name="Order Completed")
        exact = EventFactory.create(name="order_completed", name_reason="The old shop.")
        found = [str(event) for event in Event.objects.search("order_completed")]
        assert found[:2] == ["order_completed", "Order Completed"] and len(found) == 4
        assert Event.objects.search("order_completed").first() == exact
        assert [str(event) for event in suggest_events("orderCompleted")][:1] == ["Order Completed"]

    def test_a_typing_error_gets_suggestions(self):
        for name in ("Order Completed", "Order Cancelled", "Signup"):
            EventFactory.create(name=name)
        assert [str(event) for event in suggest_events("order_compelted")] == ["Order Completed", "Order Cancelled"]
        assert suggest_events("zzzz") == suggest_events("") == suggest_events("\0") == []

    def test_a_word_of_a_name_is_enough_to_be_suggested(self):
        EventFactory.create(name="checkoutStepCompleted")
        EventFactory.create(name="Order Completed")
        assert [str(event) for event in suggest_events("chekout")] == ["checkoutStepCompleted"]

    def test_many_names_are_looked_up_at_once(self, django_assert_num_queries):
        EventFactory.create(name="Product Viewed")
        EventFactory.create(name="Product Viewed Twice")
        name_index()
        with django_assert_num_queries(4):  # two of them ask whether the names are still those that are remembered
            assert {text: str(event) for text, event in closest_events(["Product viewed", "zzzz"]).items()} == {
                "Product viewed": "Product Viewed"
            }

    def test_a_value_finds_the_events_that_may_carry_it(self):
        text = {"type": "string", "enum": ["klarna", 'odd " \\ value']}
        EventFactory.create(name="A", definition=definition("A", schema={"type": "object", "properties": {"by": text}}))
        EventFactory.create(name="B")
        assert [str(event) for event in Event.objects.allowing_value("Klarna")] == ["A"]
        assert [str(event) for event in Event.objects.allowing_value('odd " \\')] == ["A"]
        assert not Event.objects.allowing_value("string").exists() and not Event.objects.allowing_value(" \0").exists()

    def test_properties_and_sources_are_searched_alike(self):
        PropertyFactory.create(name="order_id")
        PropertyFactory.create(name="note", description="of an order")
        SourceFactory.create(name="Web shop")
        assert filtered(PropertyFilter, Property.objects.all(), "q=order") == ["order_id", "note"]
        assert filtered(PropertyFilter, Property.objects.all(), "q=%21") == []
        assert filtered(SourceFilter, Source.objects.all(), "q=SHOP") == ["Web shop"]


class TestEvents:
    def test_by_what_they_are(self, system):
        live = EventFactory.create(name="A", kind=Kind.CONTAINER, definition=definition("A", kind="container"), tier=1)
        update_event_status(live, Status.LIVE, by=system)
        EventFactory.create(name="B", call=Call.SCREEN)
        assert events("status=live") == events("kind=container") == events("tier=1") == ["A"]
        assert events("call=screen") == events("status=planned") == ["B"]
        assert events("status=live&status=planned") == ["A", "B"]
        assert events("status=live&call=screen") == []
        assert events("name=A") == ["A"]

    def test_by_where_they_stand(self):
        inner = CategoryFactory.create(parent=CategoryFactory.create(slug="outer"), slug="inner")
        tag, team = TagFactory.create(slug="cart"), TeamFactory.create(slug="checkout")
        EventFactory.create(name="A", category=inner, tags=[tag], owner_team=team)
        EventFactory.create(name="B", category=inner.parent)
        assert events("category=outer") == ["A", "B"]
        assert events("category=inner") == events("tag=cart") == events("team=checkout") == ["A"]

    def test_by_where_they_come_from(self, system):
        web, ios = SourceFactory.create(slug="web"), SourceFactory.create(slug="ios", platform=Platform.IOS)
        EventFactory.create(name="A", sources=[web, ios])
        gone = EventFactory.create(name="B", sources=[ios])
        assert events("source=ios") == events("platform=ios") == ["A", "B"]
        assert events("source=web") == ["A"]
        withdraw_version(newest_version(gone), by=system, message="No")
        assert events("source=ios") == ["A"]

    def test_by_traffic(self):
        now = timezone.now()
        fresh, quiet = EventFactory.create(name="A"), EventFactory.create(name="B")
        EventFactory.create(name="C")
        update_event_traffic(
            {
                fresh.pk: EventTraffic(last_seen_at=now, health=Health.FAILING, volume=9),
                quiet.pk: EventTraffic(last_seen_at=now - timedelta(days=5), volume=20),
            }
        )
        assert events("freshness=receiving") == events("health=failing") == ["A"]
        assert events("freshness=quiet") == ["B"] and events("freshness=never") == ["C"]
        assert events("sort=-seen") == ["A", "B", "C"] and events("sort=seen") == ["C", "B", "A"]
        assert events("sort=-volume") == ["B", "A", "C"] and events("sort=-name") == ["C", "B", "A"]
        assert events("sort=,") == events("sort=name,") == ["A", "B", "C"] and events("sort=,-name") == ["C", "B", "A"]

    def test_quiet_is_judged_by_an_events_own_rhythm(self):
        two_days_ago = timezone.now() - timedelta(days=2)
        often, rarely, never = (EventFactory.create(name=name) for name in ("Often", "Rarely", "Tried Once"))
        volumes = {often.pk: 1000, rarely.pk: 20, never.pk: 0}
        update_event_traffic(
            {pk: EventTraffic(last_seen_at=two_days_ago, volume=volume) for pk, volume in volumes.items()}
        )
        assert events("freshness=receiving") == ["Rarely"]
        assert events("freshness=quiet") == ["Often", "Tried Once"]
        assert [max_silence(volume).days for volume in (0, 1000, 20, 3)] == [1, 1, 4, 30]

    def test_by_property(self):
        entry = PropertyFactory.create(name="coupon")
        event = EventFactory.create(name="A")
        EventFactory.create(name="B", definition=definition(schema={"type": "object", "properties": {}}))
        assert events(f"property={entry.pk}") == ["A"]
        publish_next_version(event, definition("A", schema={"type": "object", "properties": {}}))
        assert events(f"property={entry.pk}") == []

    def test_wrong_values_are_named_and_the_rest_still_filters(self):
        EventFactory.create(name="A")
        found = EventFilter(QueryDict("status=gone&call=track"), queryset=Event.objects.all())
        assert list(found.errors) == ["status"] and [str(event) for event in found.qs] == ["A"]

    def test_rows_cost_the_same_however_many(self, django_assert_num_queries):
        source, tag = SourceFactory.create(), TagFactory.create()
        for _ in range(5):
            EventFactory.create(
                sources=[source],
                is_live=True,
                tags=[tag],
                category=CategoryFactory.create(),
                owner_team=TeamFactory.create(),
            )
            with django_assert_num_queries(2):
                for event in Event.objects.with_list_data():
                    assert event.platforms == ["web"] and event.live_version and event.live_version.number.major == 1
                    assert event.category and event.owner_team and len(event.tags.all()) == 1

    def test_strangers_without_a_sign_in_see_nothing(self):
        EventFactory.create()
        PropertyFactory.create()
        SourceFactory.create()
        for model in (Event, Property, Source):
            assert model.objects.visible_to(UserFactory.create()).count() == 1
            assert not model.objects.visible_to(AnonymousUser()).exists()
            assert not model.objects.visible_to(UserFactory.create(is_active=False)).exists()


def test_properties_by_kind_and_use():
    PropertyFactory.create(
        name="coupon", sensitivity=Sensitivity.PERSONAL, origin=Origin.SERVER, owner_team=TeamFactory.create(slug="t")
    )
    PropertyFactory.create(name="unused")
    event = EventFactory.create()
    EventFactory.create()
    publish_next_version(event, definition(event.name, trigger="Once"))
    counts = {entry.name: entry.use_count for entry in Property.objects.with_list_data()}
    assert counts == {"coupon": 2, "unused": 0}
    for query in ("sensitivity=personal", "origin=server", "team=t", "used=true", "name=coupon"):
        assert filtered(PropertyFilter, Property.objects.with_list_data(), query) == ["coupon"]
    assert filtered(PropertyFilter, Property.objects.all(), "used=false") == ["unused"]
    assert filtered(PropertyFilter, Property.objects.all(), "sort=-name") == ["unused", "coupon"]


def test_sources_by_platform_team_and_version():
    source = SourceFactory.create(
        name="A", platform=Platform.SERVER, version_from="deploys", owner_team=TeamFactory.create(slug="t")
    )
    SourceFactory.create(name="B")
    update_keys_last_seen([create_write_key(source, Environment.STAGING).pk], at=timezone.now())
    for query in ("platform=server", "team=t", "version_from=deploys"):
        assert filtered(SourceFilter, Source.objects.with_list_data(), query) == ["A"]
    seen = {row.name: row.last_seen_at for row in Source.objects.with_list_data()}
    assert seen["A"] and seen["B"] is None
    event = EventFactory.create(sources=[source])
    assert [str(row) for row in Source.objects.sending(event)] == ["A"]


def test_categories_by_what_they_stand_in():
    shop = CategoryFactory.create(name="Shop")
    CategoryFactory.create(name="Basket", parent=shop)
    assert filtered(CategoryFilter, Category.objects.all(), "parent=shop") == ["Basket"]
    assert len(filtered(CategoryFilter, Category.objects.all(), "")) == 2


def test_deploys_by_environment_and_version(system):
    source = SourceFactory.create()
    for environment, version in (("staging", "2.5.0"), ("production", "2.4.0"), ("staging", "2.4.0")):
        mark_deploy(source, environment=environment, version=version, by=system)
    for query, expected in (("", 3), ("environment=staging", 2), ("version=2.4.0", 2), ("version=2", 0)):
        assert len(filtered(DeployFilter, Deploy.objects.all(), query)) == expected, query
    assert len(filtered(DeployFilter, Deploy.objects.all(), "environment=staging&version=2.4.0")) == 1


def test_versions_by_change_source_and_standing(system, django_assert_num_queries):
    source = SourceFactory.create(slug="web")
    event = EventFactory.create(name="A", sources=[source])
    second = publish_next_version(event, definition("A", trigger="Once"), origin_version="1-0-1")
    withdraw_version(second, by=system, message="No")
    rows = Version.objects.with_list_data().filter(event=event)
    assert filtered(VersionFilter, rows, "") == ["A 1.0.1", "A 1.0.0"]
    assert (
        filtered(VersionFilter, rows, "source=web") == filtered(VersionFilter, rows, "withdrawn=false") == ["A 1.0.0"]
    )
    for query in ("change_kind=patch", "withdrawn=true", "origin_version=1-0-1"):
        assert filtered(VersionFilter, rows, query) == ["A 1.0.1"]
    with django_assert_num_queries(1):
        assert next((str(row.created_by), str(row)) for row in rows) == ("Signalbook", "A 1.0.1")
