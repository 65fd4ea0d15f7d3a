"""The names in a process's memory are those of the catalog, whatever happened to it since they were read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from catalog import name_index as module
from catalog.models import Event
from catalog.name_index import name_index
from catalog.name_suggestions import suggest_events
from catalog.services.events import create_event, rename_event
from tests.factories.catalog import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    module._snapshots.clear()


def rename(event: Event, name: str, **options: object) -> None:
    rename_event(event, name, by=User.objects.system(), **options)


def suggested(text: str) -> list[str]:
    return [event.name for event in suggest_events(text)]


def test_an_empty_catalog_has_no_names() -> None:
    assert not name_index().compared and suggested("Order") == []


def test_a_new_event_and_a_new_name_are_known_at_once() -> None:
    event = EventFactory.create(name="Order Completed")
    assert suggested("Ordre Completed") == ["Order Completed"]
    EventFactory.create(name="Basket Emptied")
    assert suggested("Baskte Emptied") == ["Basket Emptied"]
    rename(event, "Purchase Finished")
    assert suggested("Purchas Finishd") == ["Purchase Finished"]
    assert event.pk not in name_index().events_of_word.get("completed", ())
    rename(event, "Order Completed")
    assert suggested("Ordre Completed") == ["Order Completed"], "a name that it had before"


def test_what_is_told_of_the_past_is_known_too() -> None:
    """An import or the demo dates back what it creates, so that no time of change tells of it."""
    EventFactory.create(name="Order Completed")
    name_index()
    long_ago = timezone.now() - timedelta(days=300)
    event = EventFactory.create(name="Basket Emptied")
    Event.objects.filter(pk=event.pk).update(updated_at=long_ago)
    assert suggested("Baskte Emptied") == ["Basket Emptied"]


def test_a_change_that_was_committed_after_a_later_one_is_known() -> None:
    slow = EventFactory.create(name="Order Completed")
    quick = EventFactory.create(name="Basket Emptied")
    earlier = Event.objects.get(pk=slow.pk).updated_at
    name_index()
    rename(slow, "Purchase Finished", at=earlier)  # its transaction began before that of the other one
    assert suggested("Purchas Finishd") == ["Purchase Finished"]
    assert quick.pk in name_index().compared


def test_an_event_that_is_gone_is_not_suggested() -> None:
    gone = create_event(name="Order Completed", by=User.objects.system())
    EventFactory.create(name="Basket Emptied")
    assert suggested("Ordre Completed") == ["Order Completed"]
    gone.delete()
    assert suggested("Ordre Completed") == []
    assert suggested("Baskte Emptied") == ["Basket Emptied"]


def test_what_was_asked_before_is_remembered_until_a_name_changes() -> None:
    EventFactory.create(name="Order Completed")
    index = name_index()
    assert suggested("Order Complete") == ["Order Completed"] and len(index._remembered) == 1
    assert name_index() is index and suggested("Order Complete") == ["Order Completed"] and len(index._remembered) == 1
    EventFactory.create(name="Order Completes")
    assert set(suggested("Order Complete")) == {"Order Completed", "Order Completes"}
    for number in range(module.MAX_REMEMBERED + 5):
        name_index().most_similar(f"text {number}", 99.0, 1)
    assert len(name_index()._remembered) <= module.MAX_REMEMBERED


def test_names_are_read_again_only_where_something_changed() -> None:
    event = EventFactory.create(name="Order Completed")
    index = name_index()
    with CaptureQueriesContext(connection) as captured:
        assert name_index() is index
    assert len(captured) == 2 and all("MAX(" in query["sql"] for query in captured.captured_queries)
    Event.objects.filter(pk=event.pk).update(updated_at=timezone.now(), tier=1)
    assert name_index().compared is index.compared, "no name changed"
