"""The property library: saved by those who curate it, and compared with how events use it."""

from copy import deepcopy

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Forbidden
from accounts.roles import Role
from catalog.choices import Sensitivity
from catalog.contract import find_problems, list_properties
from catalog.models import Property
from catalog.services.property_library import (
    LibraryDifference,
    apply_library,
    differs_from_library,
    library_differences,
    library_entries_for,
    save_property,
)
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import EventFactory, PropertyFactory, definition, newest_version

TEXT = {"type": "string", "maxLength": 20}


@pytest.mark.parametrize(
    ("here", "library", "keywords"),
    [
        (TEXT, TEXT, []),
        (TEXT | {"description": "Here", "title": "T", "examples": ["a"]}, TEXT, []),
        ({"type": "string"}, TEXT, ["maxLength"]),
        ({"type": "number"}, TEXT, ["maxLength", "type"]),
        ({"type": ["string", "null"]}, {"type": ["null", "string"]}, []),
        ({"enum": ["b", "a"]}, {"enum": ["a", "b"]}, []),
        ({"enum": ["b", 1, None]}, {"enum": ["a", "b"]}, ["enum"]),
        ({"enum": [0, 1]}, {"enum": [False, True]}, ["enum"]),
        ({"const": 1}, {"const": True}, ["const"]),
        ({"const": None}, {}, ["const"]),
        ({"minimum": 1.0}, {"minimum": 1}, []),
        (True, {}, []),
        (True, TEXT, ["maxLength", "type"]),
    ],
)
def test_only_constraints_differ(here, library, keywords):
    assert [difference.keyword for difference in library_differences(here, library)] == keywords


def test_a_difference_says_both_sides():
    assert library_differences({"type": "number"}, {"type": "string"}) == [
        LibraryDifference("type", "string", "number")
    ]


@pytest.mark.django_db
class TestSaving:
    def test_curators_create_and_change_entries(self, team, history_actions):
        by = person(Role.ANALYST, team=team)
        entry = save_property(by=by, name="coupon", schema=TEXT, owner_team=team, sensitivity=Sensitivity.NONE)
        changed = save_property(entry, by=by, description="A code")
        assert (changed.description, changed.schema) == ("A code", TEXT)
        save_property(entry, by=by, description="A code")
        assert history_actions("property", entry) == ["created", "changed"]

    def test_an_enum_of_booleans_is_a_change_of_one_of_numbers(self, team, history_actions):
        by = person(Role.ANALYST, team=team)
        entry = save_property(by=by, name="gift", schema={"enum": [0, 1]}, owner_team=team)
        save_property(entry, by=by, schema={"enum": [False, True]})
        assert history_actions("property", entry) == ["created", "changed"]
        entry.refresh_from_db()
        assert entry.schema["enum"][0] is False

    def test_others_do_not(self, team, stranger):
        entry = PropertyFactory.create(owner_team=team)
        wrong = [person(role, team=team) for role in (Role.VIEWER, Role.PM, Role.DEVELOPER, Role.QA)]
        for by in (*wrong, person(Role.ANALYST, team=TeamFactory.create()), stranger):
            with pytest.raises(Forbidden):
                save_property(entry, by=by, description="Mine")
            with pytest.raises(Forbidden):
                save_property(by=by, name="new", owner_team=team)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"name": "taken"}, "already exists"),
            ({"name": ""}, "blank"),
            ({"name": "a", "schema": []}, "JSON object"),
            ({"name": "a", "schema": {"type": "nonsense"}}, "nonsense"),
            ({"name": "a", "schema": {"pattern": "(a+)+(?=b)"}}, "looks around"),
            ({"name": "a", "schema": {"$ref": "https://example.com/x"}}, "leads out of the schema"),
        ],
    )
    def test_bad_entries_are_refused_with_a_reason(self, system, fields, message):
        PropertyFactory.create(name="taken")
        with pytest.raises(ValidationError, match=message):
            save_property(by=system, **fields)
        assert Property.objects.count() == 1

    def test_a_change_of_the_library_alters_no_event(self, system):
        entry = PropertyFactory.create(name="coupon")
        event = EventFactory.create(name="Order Completed")
        line = next(line for line in list_properties(newest_version(event).definition) if line.name == "coupon")
        assert not differs_from_library(line, entry)
        entry = save_property(entry, by=system, schema=TEXT)
        event.refresh_from_db()
        assert newest_version(event).definition == definition("Order Completed")
        assert differs_from_library(line, entry)

    def test_the_entries_of_a_definition_are_found_at_once(self, django_assert_num_queries):
        entries = {name: PropertyFactory.create(name=name) for name in ("coupon", "total", "other")}
        with django_assert_num_queries(1):
            found = library_entries_for(definition())
        assert found == {"coupon": entries["coupon"], "total": entries["total"]}


class TestWithLibrary:
    """A definition takes over what the library says of a name, where that is true of it."""

    @pytest.fixture
    def document(self, db):
        PropertyFactory.create(
            name="total", description="What was paid", schema={"type": "number", "minimum": 0}, examples=[9.5]
        )
        PropertyFactory.create(name="coupon", description="A code", schema={"type": "string", "pattern": "^[A-Z]+$"})
        properties = {"total": {"type": "number"}, "coupon": {"type": "string"}, "size": {"type": "integer"}}
        return definition(schema={"type": "object", "properties": properties})

    def test_known_names_say_what_the_library_says(self, document):
        found = apply_library(document, is_accepted=lambda tried: find_problems(tried) == [])["schema"]["properties"]
        assert found["total"] == {"type": "number", "minimum": 0, "description": "What was paid", "examples": [9.5]}
        assert found["coupon"]["pattern"] == "^[A-Z]+$"
        assert found["size"] == {"type": "integer"}

    def test_not_where_it_does_not_hold(self, document):
        found = apply_library(document, is_accepted=lambda tried: "pattern" not in str(tried))["schema"]["properties"]
        assert found["total"]["minimum"] == 0
        assert found["coupon"] == {"type": "string"}

    def test_the_definition_given_stays_as_it_is(self, document):
        before = deepcopy(document)
        apply_library(document, is_accepted=lambda tried: True)
        assert document == before


@pytest.mark.django_db
def test_an_entry_is_validated_once():
    analyst = person(Role.ANALYST)
    with CaptureQueriesContext(connection) as queries:
        save_property(by=analyst, name="shop", description="Where", schema={"type": "string"})
    uniqueness = [query["sql"] for query in queries if 'SELECT 1 AS "a" FROM "catalog_property"' in query["sql"]]
    assert len(uniqueness) == 1
