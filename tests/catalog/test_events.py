"""Events: their names through time, their place, their owners."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from accounts.services import deactivate
from catalog.choices import Call, OwnerRole, Status
from catalog.contract import name_hash
from catalog.models import Category, Event, EventName, Ownership
from catalog.services.events import (
    NameTakenError,
    add_owner,
    add_owners,
    classify_event,
    create_event,
    remove_owner,
    rename_event,
)
from tests.concurrency import run_behind
from tests.factories.accounts import TeamFactory, UserFactory, admin, person
from tests.factories.catalog import CategoryFactory, EventFactory, TagFactory

pytestmark = pytest.mark.django_db


def test_an_event_begins_planned_with_its_name_on_record(system, history_actions):
    event = create_event(name="Order Completed", by=system)
    row = event.names.get()
    assert (event.status, row.call, row.name, row.until) == (Status.PLANNED, "track", "Order Completed", None)
    assert bytes(row.name_hash) == name_hash("Order Completed")
    assert history_actions("event", event) == ["created"]


def test_analysts_of_the_team_or_the_company_create_events_and_nobody_else(team, stranger):
    create_event(name="A", owner_team=team, by=person(Role.ANALYST, team=team))
    create_event(name="B", owner_team=team, by=person(Role.ANALYST))
    create_event(name="C", by=person(Role.ANALYST))
    wrong = [person(role, team=team) for role in (Role.VIEWER, Role.PM, Role.DEVELOPER, Role.QA)]
    for by in (*wrong, person(Role.ANALYST, team=TeamFactory.create()), admin(), stranger):
        with pytest.raises(Forbidden):
            create_event(name="D", owner_team=team, by=by)


def test_one_name_is_one_event_however_it_is_spelled_in_unicode(system):
    first = create_event(name="Caf\u00e9", by=system)
    with pytest.raises(NameTakenError) as taken:
        create_event(name="Cafe\u0301", by=system)
    assert taken.value.event == first and taken.value.unmet[0].code == "name_taken"
    create_event(name="Caf\u00e9", call=Call.SCREEN, by=system)
    assert Event.objects.count() == 2


@pytest.mark.parametrize("name", ["", "   ", "\t"])
def test_an_event_needs_a_name(name, system):
    with pytest.raises(ValidationError, match="needs a name"):
        create_event(name=name, by=system)


def test_hostile_names_are_kept_whole_by_their_hash(system):
    long = "x" * 10_000
    event = create_event(name=long, by=system)
    assert len(event.name) == 512
    with pytest.raises(NameTakenError):
        create_event(name=long, by=system)
    create_event(name=long + "y", by=system, name_reason="It reads the same, since only its end differs.")
    assert create_event(name="a\0b\ud800", by=system).name == "a\\u0000b\\ud800"


@pytest.mark.parametrize("call", [Call.IDENTIFY, Call.GROUP, Call.ALIAS])
def test_some_calls_name_their_one_event(call, system):
    event = create_event(name="whatever", call=call, by=system)
    assert event.name == call and Event.objects.named(call, call).get() == event
    with pytest.raises(NameTakenError):
        create_event(name="another", call=call, by=system)
    with pytest.raises(ValidationError, match="named by its call"):
        rename_event(event, "User Known", by=system)


def test_a_renamed_event_still_matches_what_old_apps_send(system, history_actions):
    event = EventFactory.create(name="Order Done")
    rename_event(event, "Order Completed", by=system)
    for name in ("Order Done", "Order Completed"):
        assert Event.objects.named("track", name).get() == event
    assert EventName.objects.get(name="Order Done").until is not None
    with pytest.raises(NameTakenError):
        create_event(name="Order Done", by=system)
    rename_event(event, "Order Done", by=system)
    assert event.names.get(until=None).name == "Order Done" and event.names.count() == 2
    rename_event(event, "Order Done", by=system)
    assert history_actions("event", event)[-2:] == ["renamed", "renamed"]


def test_an_event_does_not_take_anothers_name(system):
    EventFactory.create(name="Taken")
    event = EventFactory.create(name="Mine")
    with pytest.raises(NameTakenError):
        rename_event(event, "Taken", by=system)
    event.refresh_from_db()
    assert event.name == "Mine" and event.names.get().until is None


def test_who_may_not_define_does_not_rename(team, stranger):
    event = EventFactory.create(owner_team=team)
    for by in (person(Role.DEVELOPER, team=team), person(Role.PM, team=team), stranger):
        with pytest.raises(Forbidden):
            rename_event(event, "Other", by=by)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_take_one_name_at_once_one_wins(system):
    together = Barrier(2)
    people = [person(Role.ANALYST) for _ in range(2)]

    def create(by):
        try:
            together.wait(timeout=10)
            return create_event(name="Order Completed", by=by).name
        except NameTakenError as taken:
            return taken.unmet[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, people)) == ["Order Completed", "name_taken"]
    assert Event.objects.count() == 1


def test_an_event_gets_its_place(team, history_actions):
    event, category, tag = EventFactory.create(owner_team=team), CategoryFactory.create(), TagFactory.create()
    analyst = person(Role.ANALYST)
    placed = classify_event(event, by=analyst, category=category, tier=1, tags=[tag], owner_team=TeamFactory.create())
    assert (placed.category, placed.tier, list(placed.tags.all())) == (category, 1, [tag])
    classify_event(event, by=analyst, tier=1, tags=[tag])
    assert history_actions("event", event).count("placed") == 1
    with pytest.raises(ValidationError):
        classify_event(event, by=analyst, tier=4)
    with pytest.raises(Forbidden):
        classify_event(event, by=person(Role.ANALYST, team=team), tier=2)


def test_categories_are_compared_as_rows_and_not_by_their_names(system, history_actions):
    first, second = (CategoryFactory.create(slug=slug, name="Checkout") for slug in ("web-checkout", "app-checkout"))
    event = EventFactory.create(category=first)
    before = history_actions("event", event)
    classify_event(event, category=Category.objects.get(pk=first.pk), by=system)
    assert history_actions("event", event) == before
    classify_event(event, category=second, by=system)
    event.refresh_from_db()
    assert event.category == second and history_actions("event", event) == [*before, "placed"]


def test_nobody_gives_an_event_to_a_team_that_they_do_not_curate(team, stranger):
    event = EventFactory.create(owner_team=team)
    with pytest.raises(Forbidden):
        classify_event(event, by=person(Role.ANALYST, team=team), owner_team=TeamFactory.create())
    for by in (person(Role.PM, team=team), person(Role.QA), stranger):
        with pytest.raises(Forbidden):
            classify_event(event, by=by, tier=1)


def test_owners_are_set_and_removed_with_history(team, stranger, history_actions):
    event, curator, lin = EventFactory.create(owner_team=team), person(Role.ANALYST, team=team), UserFactory.create()
    ownership = add_owner(event, lin, OwnerRole.QA, by=curator)
    assert add_owner(event, lin, OwnerRole.QA, by=curator) == ownership
    with pytest.raises(Forbidden):
        add_owner(event, lin, OwnerRole.BUSINESS, by=stranger)
    with pytest.raises(Forbidden):
        remove_owner(ownership, by=stranger)
    remove_owner(ownership, by=curator)
    assert not event.owners.exists()
    assert history_actions("event", event)[-2:] == ["owner set", "owner removed"]


def test_a_deactivated_person_owns_nothing_new(system):
    gone = UserFactory.create()
    deactivate(gone, by=admin())
    with pytest.raises(UnmetConditionsError, match="deactivated"):
        add_owner(EventFactory.create(), gone, OwnerRole.BUSINESS, by=system)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_the_same_owners_at_once_one_does(history_actions):
    event, owner = EventFactory.create(), UserFactory.create()
    people = [person(Role.ANALYST) for _ in range(2)]
    first, second = run_behind(
        lambda: add_owners(event, {OwnerRole.QA: owner}, by=people[0]),
        lambda: add_owners(event, {OwnerRole.QA: owner}, by=people[1]),
    )
    assert [ownership.person for ownership in first] == [owner] and second == []
    ownership = Ownership.objects.get()
    run_behind(lambda: remove_owner(ownership, by=people[0]), lambda: remove_owner(ownership, by=people[1]))
    assert history_actions("event", event).count("owner set") == 1
    assert history_actions("event", event).count("owner removed") == 1
