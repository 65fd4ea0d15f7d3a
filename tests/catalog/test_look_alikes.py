"""Events whose names people read as the same: refused by the services unless somebody says why."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import HistoryEntry
from accounts.roles import Role
from catalog.choices import Call
from catalog.contract import fold_name
from catalog.look_alikes import event_names_like, folded_key
from catalog.models import Event, EventName, Property
from catalog.services.events import NameTakenError, SimilarNameError, create_event, rename_event
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, PropertyFactory

pytestmark = pytest.mark.django_db

SPELLINGS = (
    "order completed",
    "orderCompleted",
    "ORDER-COMPLETED",
    "Order\u00a0Completed",
    "Order Complеted",
    "Order Completed ",
)


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_name_that_reads_like_an_event_needs_a_reason(name):
    analyst = person(Role.ANALYST)
    first = create_event(name="Order Completed", by=analyst)
    with pytest.raises(SimilarNameError, match="'Order Completed', which is an event already") as caught:
        create_event(name=name, by=analyst)
    assert caught.value.event == first
    assert [condition.code for condition in caught.value.unmet] == ["similar_name"]
    assert Event.objects.count() == 1
    second = create_event(name=name, by=analyst, name_reason="The old shop sends it until May.")
    entry = HistoryEntry.objects.get(subject_type="event", subject_id=str(second.pk), action="created")
    assert entry.evidence["name_reason"] == "The old shop sends it until May."


def test_blanks_are_no_reason():
    analyst = person(Role.ANALYST)
    create_event(name="Order Completed", by=analyst)
    with pytest.raises(SimilarNameError):
        create_event(name="order completed", by=analyst, name_reason="  ")


def test_the_very_name_is_taken_whatever_the_reason():
    analyst = person(Role.ANALYST)
    create_event(name="Order Completed", by=analyst)
    with pytest.raises(NameTakenError):
        create_event(name="Order Completed", by=analyst, name_reason="We want it.")


def test_another_call_is_another_event():
    analyst = person(Role.ANALYST)
    create_event(name="Home", by=analyst)
    create_event(name="home", call=Call.SCREEN, by=analyst)
    assert Event.objects.count() == 2


def test_a_former_name_is_still_sent_and_counts():
    analyst = person(Role.ANALYST)
    event = create_event(name="Order Done", by=analyst)
    rename_event(event, "Order Completed", by=analyst)
    with pytest.raises(SimilarNameError, match="'Order Completed'"):
        create_event(name="order_done", by=analyst)


def test_an_event_takes_another_spelling_of_its_own_name_and_no_other_events():
    analyst = person(Role.ANALYST)
    event = create_event(name="Order Completed", by=analyst)
    create_event(name="Cart Viewed", by=analyst)
    assert rename_event(event, "order_completed", by=analyst).name == "order_completed"
    assert EventName.objects.get(name="order_completed").folded_name == "ordercompleted"
    with pytest.raises(SimilarNameError):
        rename_event(event, "cartViewed", by=analyst)
    event.refresh_from_db()
    assert event.name == "order_completed"
    assert rename_event(event, "cartViewed", by=analyst, name_reason="Two shops.").name == "cartViewed"


def test_names_alike_come_in_one_query_the_present_ones_first(django_assert_num_queries):
    analyst = person(Role.ANALYST)
    old = EventFactory.create(name="Order Done")
    rename_event(old, "Paid", by=analyst)
    new = create_event(name="order done", by=analyst, name_reason="Anew.")
    other = EventFactory.create(name="Cart Viewed")
    keys = [folded_key("track", "ORDER_DONE"), folded_key("track", "cart-viewed"), folded_key("page", "cart-viewed")]
    with django_assert_num_queries(1):
        found = event_names_like(keys)
    assert [row.event for row in found[keys[0]]] == [new, old]
    assert [row.event for row in found[keys[1]]] == [other]
    assert keys[2] not in found
    with django_assert_num_queries(0):
        assert event_names_like([]) == {}


def test_rows_from_before_are_folded_by_the_migration():
    EventFactory.create(name="Order Completed")
    PropertyFactory.create(name="orderId")
    EventName.objects.update(folded_name="")
    Property.objects.update(folded_name="")
    migration = importlib.import_module("catalog.migrations.0005_fold_names")
    migration.fold_stored_names(apps, connection.schema_editor())
    assert EventName.objects.get().folded_name == "ordercompleted"
    assert Property.objects.get(name="orderId").folded_name == "orderid"


def test_what_folded_otherwise_is_folded_anew_by_the_migration():
    for name in ("Price < 10", "Price > 10", "SİPARİŞ", "Order Completed"):
        EventFactory.create(name=name)
    PropertyFactory.create(name="score -1")
    EventName.objects.filter(name__startswith="Price").update(folded_name="price10")
    EventName.objects.filter(name__startswith="S").update(folded_name="si\u0307pari\u0307ş")
    Property.objects.update(folded_name="score1")
    importlib.import_module("catalog.migrations.0010_refold_names").refold_stored_names(
        apps, connection.schema_editor()
    )
    for model in (EventName, Property):
        assert all(folded == fold_name(name) for name, folded in model.objects.values_list("name", "folded_name"))
    assert len(set(EventName.objects.values_list("folded_name", flat=True))) == 4
    assert EventName.objects.get(name="SİPARİŞ").folded_name == "sipariş"
    assert [event.name for event in Event.objects.search("price <10")] == ["Price < 10", "Price > 10"]
    assert [event.rank > 1_000_000 for event in Event.objects.search("price <10")] == [True, False]
