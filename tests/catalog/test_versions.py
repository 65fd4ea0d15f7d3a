"""Versions: numbered from the difference, approved per source, never changed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.choices import ChangeKind, Environment, Status
from catalog.contract import InvalidDefinition
from catalog.models import Event, Version
from catalog.services.bindings import BASELINE_START
from catalog.services.versions import publish_version, withdraw_version
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import (
    TOTAL_SCHEMA,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    definition,
    newest_version,
    publish_next_version,
)

pytestmark = pytest.mark.django_db
NAME = "Order Completed"


def with_properties(required=("total",), **properties):
    schema = {"type": "object", "properties": {"total": TOTAL_SCHEMA} | properties, "required": list(required)}
    return definition(NAME, schema=schema)


WORDS = definition(NAME, description="Paid.", title="Order paid")
TRIGGER = definition(NAME, trigger="When the payment is confirmed")
ADDED = with_properties(coupon={"type": "string"}, currency={"type": "string"})
REMOVED = with_properties()
REQUIRED = with_properties(required=("total", "coupon"), coupon={"type": "string"})


def test_rows_that_point_at_an_event_are_written_while_its_version_is_made():
    event = EventFactory.create(name=NAME)
    with CaptureQueriesContext(connection) as captured:
        withdraw_version(publish_next_version(event, WORDS), by=User.objects.system(), message="No.")
    holding = [
        query["sql"] for query in captured if 'FROM "catalog_event" ' in query["sql"] and " FOR " in query["sql"]
    ]
    assert len(holding) == 2
    assert all("FOR NO KEY UPDATE" in sql for sql in holding)


@pytest.mark.parametrize(
    ("document", "number", "kind"),
    [
        (definition(NAME), "1.0.1", ChangeKind.NONE),
        (WORDS, "1.0.1", ChangeKind.PATCH),
        (TRIGGER, "1.0.1", ChangeKind.PATCH),
        (ADDED, "1.1.0", ChangeKind.MINOR),
        (REMOVED, "2.0.0", ChangeKind.MAJOR),
        (REQUIRED, "2.0.0", ChangeKind.MAJOR),
    ],
)
def test_the_number_follows_from_the_difference(document, number, kind):
    event = EventFactory.create(name=NAME)
    assert str(newest_version(event).number) == "1.0.0"
    version = publish_next_version(event, document)
    assert (str(version.number), version.change_kind) == (number, kind)
    assert version.parent == event.versions.get(major=1, minor=0, patch=0)


def test_a_breaking_version_keeps_the_payload_that_shows_it():
    version = publish_next_version(EventFactory.create(name=NAME), REQUIRED)
    assert version.comparison["outcome"] == "breaking" and "coupon" not in version.comparison["witness"]["properties"]


def test_a_taken_number_gives_the_next_free_one_of_its_kind(system):
    event = EventFactory.create(name=NAME)
    first = event.newest_version
    assert str(publish_next_version(event, ADDED, parent=first).number) == "1.1.0"
    assert str(publish_next_version(event, ADDED, parent=first).number) == "1.2.0"
    assert str(publish_next_version(event, REMOVED, parent=first).number) == "2.0.0"
    assert str(publish_next_version(event, WORDS, parent=None).number) == "3.0.0"


def test_the_largest_difference_on_a_source_decides_the_number():
    web, ios = SourceFactory.create(slug="web"), SourceFactory.create(slug="ios")
    event = EventFactory.create(name=NAME, sources=[web, ios])
    version = publish_next_version(event, definition(NAME, per_source={"ios": {"required": ["coupon"]}}), sources=[ios])
    kinds = {row.source.slug: row.change_kind for row in version.for_sources.select_related("source")}
    assert str(version.number) == "2.0.0"
    assert kinds == {"ios": ChangeKind.MAJOR, "web": ChangeKind.NONE}


def test_a_source_whose_contract_stays_inherits_the_binding_and_the_others_do_not():
    web, ios = SourceFactory.create(slug="web"), SourceFactory.create(slug="ios")
    event = EventFactory.create(name=NAME, sources=[web, ios], is_live=True)
    version = publish_next_version(event, definition(NAME, per_source={"ios": {"required": ["coupon"]}}), sources=[ios])
    bound = version.bindings.values_list("source__slug", "environment", "since_at")
    assert sorted(bound) == sorted(("web", environment, BASELINE_START) for environment in Environment)


def test_a_source_that_is_new_to_the_event_needs_a_delivery_though_nothing_else_differs():
    web, ios = SourceFactory.create(), SourceFactory.create()
    event = EventFactory.create(name=NAME, sources=[web], is_live=True)
    version = publish_next_version(event, definition(NAME), sources=[ios])
    assert version.for_sources.get(source=ios).change_kind == ChangeKind.MINOR
    assert version.for_sources.get(source=web).change_kind == ChangeKind.NONE
    assert not version.bindings.filter(source=ios).exists() and version.bindings.filter(source=web).count() == 3
    assert str(version.number) == "1.1.0"


def test_a_version_of_words_takes_over_where_its_parent_is_live():
    event = EventFactory.create(name=NAME, sources=[SourceFactory.create()], is_live=True)
    version = publish_next_version(event, WORDS)
    assert event.live_version == event.newest_version == version
    assert (event.title, event.description) == ("Order paid", "Paid.")
    breaking = publish_next_version(event, REMOVED)
    assert (event.live_version, event.newest_version) == (version, breaking)
    assert event.title == "Order paid" and event.property_count == 2


def test_properties_are_kept_with_paths_and_library_entries():
    entry = PropertyFactory.create(name="coupon")
    inner = PropertyFactory.create(name="sku")
    items = {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}
    version = publish_next_version(
        EventFactory.create(name=NAME), with_properties(coupon={"type": "string"}, products=items)
    )
    rows = {row.path: row for row in version.properties.all()}
    assert rows["/properties/coupon"].property == entry and rows["/properties/total"].is_required
    nested = rows["/properties/products/*/sku"]
    assert nested.property is None and nested.name == inner.name


def test_properties_with_hostile_names_are_all_kept():
    names = {"x" * 5_000: {"type": "string"}, "a/b~c": {}, "\u202e": {"type": ["string", "null"]}}
    version = publish_next_version(EventFactory.create(name=NAME), with_properties(**names))
    assert version.properties.count() == 4 and version.properties.filter(path="/properties/a~1b~0c").exists()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (definition(NAME, schema={"type": "nonsense"}), "invalid_schema"),
        (definition(NAME, schema={"type": "object", "$ref": "https://example.com/a"}), "remote_reference"),
        (definition("Another name"), "wrong_name"),
        (definition(NAME, call="page"), "wrong_call"),
        ([], "not_an_object"),
    ],
)
def test_what_is_no_definition_of_the_event_is_refused_with_reasons(document, code):
    event = EventFactory.create(name=NAME)
    with pytest.raises(InvalidDefinition) as refused:
        publish_next_version(event, document)
    assert code in {problem.code for problem in refused.value.problems}
    assert event.versions.count() == 1


def test_a_parent_is_a_version_of_the_same_event():
    with pytest.raises(UnmetConditionsError, match="another event"):
        publish_next_version(EventFactory.create(name=NAME), WORDS, parent=EventFactory.create().newest_version)


def test_who_publishes_what(team, stranger):
    event = EventFactory.create(name=NAME, owner_team=team)
    manager, developer = person(Role.PM, team=team), person(Role.DEVELOPER, team=team)
    for by in (person(Role.VIEWER, team=team), person(Role.QA, team=team), person(Role.PM), stranger):
        with pytest.raises(Forbidden):
            publish_next_version(event, WORDS, by=by)
    for by in (manager, developer):
        with pytest.raises(Forbidden):
            publish_next_version(event, TRIGGER, by=by)
        with pytest.raises(Forbidden):
            publish_next_version(event, ADDED, by=by)
    publish_next_version(event, WORDS, by=manager)
    publish_next_version(event, ADDED, by=person(Role.ANALYST, team=team))
    with pytest.raises(Forbidden):
        publish_next_version(event, REMOVED, by=person(Role.ANALYST, team=TeamFactory.create()))


def test_publishing_is_told_in_history(history_actions):
    event = EventFactory.create(name=NAME)
    publish_next_version(event, ADDED)
    assert history_actions("event", event) == ["created", "version published", "version published"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE catalog_version SET definition = '{}'",
        "UPDATE catalog_version SET major = 9",
        "DELETE FROM catalog_version",
        "UPDATE catalog_versionproperty SET path = 'x'",
        "DELETE FROM catalog_versionproperty",
    ],
)
def test_the_database_itself_keeps_versions_as_they_are(statement):
    EventFactory.create()
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_versions_are_not_emptied_either(owner_role):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL signalbook.testing_truncate = 'off'")
        cursor.execute("TRUNCATE catalog_version CASCADE")


def test_a_withdrawn_version_leaves_its_number_used_and_its_bindings_ended(system, history_actions):
    source = SourceFactory.create()
    event = EventFactory.create(name=NAME, sources=[source], is_live=True)
    first = newest_version(event)
    second = publish_next_version(event, WORDS)
    withdraw_version(second, by=system, message="Too early")
    event.refresh_from_db()
    assert (event.newest_version, event.live_version) == (first, first)
    assert not second.bindings.filter(ended_at=None).exists() and first.bindings.filter(ended_at=None).exists()
    withdraw_version(second, by=system, message="Again")
    assert history_actions("event", event).count("version withdrawn") == 1
    assert str(publish_next_version(event, WORDS).number) == "1.0.2"


def test_what_others_were_built_on_is_not_withdrawn(system):
    event = EventFactory.create(name=NAME)
    first = newest_version(event)
    publish_next_version(event, ADDED)
    with pytest.raises(UnmetConditionsError, match=r"1\.1\.0 was built on it"):
        withdraw_version(first, by=system, message="Wrong")


def test_an_event_whose_only_version_is_withdrawn_shows_none(system):
    event = EventFactory.create(name=NAME)
    withdraw_version(newest_version(event), by=system, message="Wrong")
    event.refresh_from_db()
    assert event.newest_version is None and event.status == Status.PLANNED


def test_strangers_withdraw_nothing(stranger, team):
    event = EventFactory.create(name=NAME, owner_team=team)
    for by in (stranger, person(Role.QA, team=team), person(Role.VIEWER, team=team)):
        with pytest.raises(Forbidden):
            withdraw_version(newest_version(event), by=by, message="No")


def test_a_version_found_late_does_not_become_the_newest(system):
    event = EventFactory.create(name=NAME)
    first = event.newest_version
    newest = publish_next_version(event, REMOVED)
    late = publish_next_version(event, ADDED, parent=first, is_backfill=True)
    assert str(late.number) == "1.1.0" and event.newest_version == newest


@pytest.mark.django_db(transaction=True)
def test_two_people_who_publish_at_once_get_two_numbers():
    event = EventFactory.create(name=NAME)
    parent, together = event.newest_version, Barrier(2)
    people = [person(Role.ANALYST) for _ in range(2)]

    def publish(by: User) -> str:
        try:
            together.wait(timeout=10)
            version = publish_version(
                Event.objects.get(pk=event.pk), definition=ADDED, parent=parent, sources=[], by=by
            )
            return str(version.number)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(publish, people)) == ["1.1.0", "1.2.0"]
    assert Version.objects.filter(event=event).count() == 3
