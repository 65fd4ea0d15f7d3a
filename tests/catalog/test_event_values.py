"""The values by which events are found are those of the version that each shows, whatever happens to it."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import User
from catalog.choices import Status
from catalog.models import Event, EventValue, ListedValue
from catalog.services.event_projections import update_event_status
from catalog.services.versions import withdraw_version
from tests.factories.catalog import EventFactory, definition, newest_version, publish_next_version

pytestmark = pytest.mark.django_db


def paid_by(*methods: str, name: str = "Order Completed") -> dict[str, Any]:
    """A definition whose property `method` may have these values."""
    schema = {"type": "object", "properties": {"method": {"type": "string", "enum": list(methods)}}}
    return definition(name, schema=schema)


def values_of(event: Event) -> list[str]:
    return sorted(event.values.values_list("value__value", flat=True))


def found(text: str) -> list[str]:
    return [event.name for event in Event.objects.allowing_value(text).order_by("name")]


def test_publishing_replaces_the_values_and_withdrawing_brings_them_back() -> None:
    event = EventFactory.create(name="Order Completed", definition=paid_by("card", "invoice"))
    kept = event.values.get(value__value="card").pk
    assert values_of(event) == ["card", "invoice"]
    version = publish_next_version(event, paid_by("card", "voucher"))
    assert values_of(event) == ["card", "voucher"]
    assert event.values.get(value__value="card").pk == kept, "what stays is not written anew"
    withdraw_version(version, by=User.objects.system(), message="Too early.")
    assert values_of(event) == ["card", "invoice"]


def test_a_value_that_many_events_list_is_stored_once() -> None:
    for name in ("A", "B", "C"):
        EventFactory.create(name=name, definition=paid_by("card", "invoice", name=name))
    assert sorted(ListedValue.objects.values_list("value", flat=True)) == ["card", "invoice"]
    ListedValue.objects.create(value="card")  # as two publications at the same moment leave it
    EventFactory.create(name="D", definition=paid_by("card", name="D"))
    assert found("card") == ["A", "B", "C", "D"]


def test_they_are_those_of_the_live_version_while_there_is_one() -> None:
    event = EventFactory.create(name="Order Completed", definition=paid_by("card"), is_live=True)
    publish_next_version(event, paid_by("voucher"))
    assert values_of(event) == ["card"], "what is on its way is not shown yet"
    update_event_status(event, Status.LIVE, live_version=newest_version(event), by=User.objects.system())
    assert values_of(event) == ["voucher"]
    publish_next_version(event, paid_by("cheque"))
    update_event_status(event, Status.PLANNED, by=User.objects.system())
    assert values_of(event) == ["cheque"], "nothing is live, so the newest is shown"


def test_an_event_without_a_version_is_found_by_none() -> None:
    event = EventFactory.create(name="Order Completed", definition=paid_by("card"))
    other = EventFactory.create(name="Order Paid", definition=paid_by("card", name="Order Paid"))
    withdraw_version(newest_version(event), by=User.objects.system(), message="A mistake.")
    assert values_of(event) == [] and values_of(other) == ["card"]


@pytest.mark.parametrize(
    "text", ["credit", "CREDIT", "credit_card", "credit card", "card credit", "cred", "creditCard", " credit ", "card"]
)
def test_a_value_is_found_by_the_beginnings_of_its_words_as_a_name_is(text: str) -> None:
    EventFactory.create(name="A", definition=paid_by("credit_card", name="A"))
    EventFactory.create(name="B", definition=paid_by("invoice", "credits/none", name="B"))
    assert "A" in found(text)
    assert found("redit") == found("credit invoice") == []


@pytest.mark.parametrize("text", ["€", "日本語", "+", "%", "Ä", "a" * 300])
def test_a_value_of_any_letters_and_signs_is_found(text: str) -> None:
    EventFactory.create(name="A", definition=paid_by(text, "another", name="A"))
    EventFactory.create(name="B", definition=paid_by("another", name="B"))
    assert found(text) == ["A"]


@pytest.mark.parametrize("text", ["", " ", "\0", "%", "_", "'", ":* |", "\\"])
def test_what_no_value_holds_finds_nothing(text: str) -> None:
    EventFactory.create(name="A", definition=paid_by("card", name="A"))
    assert found(text) == []


def test_the_migration_writes_what_publishing_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    EventFactory.create(name="A", definition=paid_by("card", "a/b", name="A"), is_live=True)
    EventFactory.create(name="B", definition=paid_by("invoice", name="B"))
    EventFactory.create(name="C")
    EventFactory.create(name="D", definition=paid_by("card", "x" * 300, name="D"))
    expected = set(EventValue.objects.values_list("event", "value__value"))
    ListedValue.objects.all().delete()
    migration = importlib.import_module("catalog.migrations.0013_values_of_events")
    monkeypatch.setattr(migration, "EVENTS_AT_ONCE", 2)
    with connection.schema_editor() as editor:
        migration.fill_values(apps, editor)
    assert set(EventValue.objects.values_list("event", "value__value")) == expected != set()
