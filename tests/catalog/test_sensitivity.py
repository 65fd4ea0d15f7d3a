"""How sensitive values are: one table of words, annotations wherever they stand, and words kept with versions."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import HistoryEntry
from catalog import choices
from catalog.choices import Sensitivity
from catalog.models import Property, VersionProperty
from catalog.sensitivity.sensitivity_annotations import sensitivity_annotations
from catalog.sensitivity.version_sensitivity import (
    LibrarySensitivity,
    loosened_sensitivities,
    published_sensitivity,
    sensitivity_at,
)
from catalog.services.property_library import save_property
from catalog.services.versions import publish_version
from pages.ui.badges import BADGES
from tests.factories.catalog import EventFactory, PropertyFactory, definition, newest_version, publish_next_version

COUPON = "/properties/coupon"


def document_with(schema: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """A definition of `Order Completed` with these properties beside `total` and `coupon`."""
    base = definition()["schema"]
    return definition(schema={**base, "properties": {**base["properties"], **properties}, **(schema or {})})


def coupon(word: str | None, **more: Any) -> dict[str, Any]:
    """A definition whose coupon has this annotation, or none."""
    return document_with(coupon={"type": "string"} | ({} if word is None else {"sensitivity": word}), **more)


def words_today(version: Any) -> dict[str, Sensitivity]:
    return published_sensitivity(version.pk).with_library(LibrarySensitivity.load())


class TestTable:
    def test_the_strictest_word_wins_and_a_word_that_nobody_knows_is_the_strictest(self):
        hides = [row.hides for row in Sensitivity]
        assert hides == sorted(hides), "what hides is stricter than what does not"
        assert {row for row in Sensitivity if not row.hides} == {Sensitivity.NONE, Sensitivity.UNKNOWN}
        assert Sensitivity.strictest(["none", "personal", "unknown"]) == Sensitivity.PERSONAL
        for word in ("no-such-word", "", "None", "PERSONAL", None, 5, ["none"], {"none": 1}, True):
            assert Sensitivity.parse(word) == list(Sensitivity)[-1]
            assert Sensitivity.parse(word).hides

    def test_a_new_word_is_one_row(self):
        row = '    PERSONAL = "personal", True, "person", "warn", "Personal"\n'
        source = Path(choices.__file__).read_text(encoding="utf-8")
        assert source.count(row) == 1
        module = ModuleType("choices_of_a_later_release")
        exec(
            source.replace(row, row + '    ADDED = "added-later", True, "heart-pulse", "bad", "Added later"\n'),
            vars(module),
        )
        table = module.Sensitivity
        assert ("added-later", "Added later") in module.sensitivity_choices()
        assert table.parse("added-later").hides
        assert table.strictest(["personal", "added-later"]) == "added-later"
        assert table.strictest(["secret", "added-later"]) == "secret"

    def test_forms_badges_and_migrations_follow_the_table(self):
        field = Property._meta.get_field("sensitivity")
        assert list(field.flatchoices) == Sensitivity.choices
        assert callable(field.deconstruct()[3]["choices"])
        assert {word: badge.icon for word, badge in BADGES["sensitivity"].items()} == {
            row.value: row.icon for row in Sensitivity
        }


class TestAnnotations:
    @pytest.mark.parametrize(
        ("schema", "path"),
        [
            ({"sensitivity": "personal"}, "/properties/nick"),
            ({"$ref": "#/$defs/hidden"}, "/properties/nick"),
            ({"allOf": [{"type": "string"}, {"$ref": "#/$defs/hidden"}]}, "/properties/nick"),
            ({"anyOf": [{"type": "null"}, {"sensitivity": "personal"}]}, "/properties/nick"),
            ({"if": {"type": "string"}, "then": {"sensitivity": "personal"}}, "/properties/nick"),
            ({"properties": {"a/b": {"sensitivity": "personal"}}}, "/properties/nick/a~1b"),
            ({"items": {"items": {"sensitivity": "personal"}}}, "/properties/nick/*/*"),
            ({"prefixItems": [{}, {"sensitivity": "personal"}]}, "/properties/nick/*"),
            ({"contains": {"sensitivity": "personal"}}, "/properties/nick/*"),
            ({"additionalProperties": {"sensitivity": "personal"}}, "/properties/nick/?"),
            ({"patternProperties": {"^a": {"properties": {"b": {"sensitivity": "personal"}}}}}, "/properties/nick/?/b"),
        ],
    )
    def test_they_are_found_wherever_they_stand(self, schema, path):
        document = document_with({"$defs": {"hidden": {"sensitivity": "personal"}}}, nick=schema)
        assert sensitivity_annotations(document) == {path: Sensitivity.PERSONAL}

    @pytest.mark.parametrize(
        "schema",
        [
            {"properties": {"pin": {}}, "patternProperties": {"^p": {"sensitivity": "secret"}}},
            {"properties": {"pin": {"sensitivity": "none"}}, "patternProperties": {"^p": {"sensitivity": "secret"}}},
            {"allOf": [{"properties": {"pin": {}}}, {"patternProperties": {"^p": {"$ref": "#/$defs/hidden"}}}]},
            {"allOf": [{"properties": {"pin": {}}}, {"additionalProperties": {"sensitivity": "secret"}}]},
        ],
    )
    def test_what_a_pattern_hides_is_hidden_under_the_names_that_match_it(self, schema):
        found = sensitivity_annotations(document_with({"$defs": {"hidden": {"sensitivity": "secret"}}}, code=schema))
        assert found["/properties/code/pin"] == Sensitivity.SECRET

    @pytest.mark.parametrize(
        "schema",
        [
            {"properties": {"nick": {}}, "patternProperties": {"^p": {"sensitivity": "secret"}}},
            {"properties": {"pin": {}}, "patternProperties": {"^p": {"sensitivity": "none"}}},
            {"properties": {"pin": {}}, "additionalProperties": {"sensitivity": "secret"}},
            {
                "properties": {"nick": {}},
                "allOf": [
                    {"patternProperties": {"^n": {"type": "string"}}, "additionalProperties": {"sensitivity": "secret"}}
                ],
            },
        ],
    )
    def test_a_name_that_the_schema_of_other_keys_does_not_hide_stays_as_it_is(self, schema):
        found = sensitivity_annotations(document_with(code=schema))
        assert {path for path in found if not path.endswith("?")} == set()

    @pytest.mark.parametrize(
        ("schema", "path"),
        [
            ({"propertyNames": {"sensitivity": "personal"}}, "/properties/nick"),
            ({"propertyNames": {"$ref": "#/$defs/hidden"}}, "/properties/nick"),
            ({"propertyNames": {"anyOf": [{}, {"sensitivity": "personal"}]}}, "/properties/nick"),
            ({"items": {"propertyNames": {"sensitivity": "personal"}}}, "/properties/nick/*"),
            ({"contentSchema": {"sensitivity": "personal"}}, "/properties/nick"),
            ({"contentSchema": {"properties": {"a": {"items": {"sensitivity": "personal"}}}}}, "/properties/nick"),
            ({"contentSchema": {"properties": {"a": {"$ref": "#/$defs/hidden"}}}}, "/properties/nick"),
            ({"dependencies": {"a": {"sensitivity": "personal"}}}, "/properties/nick"),
            ({"dependencies": {"a": {"properties": {"b": {"sensitivity": "personal"}}}}}, "/properties/nick/b"),
            ({"dependencies": {"a": {"dependencies": {"b": {"$ref": "#/$defs/hidden"}}}}}, "/properties/nick"),
            ({"additionalItems": {"sensitivity": "personal"}}, "/properties/nick/*"),
        ],
    )
    def test_where_they_stand_aside_they_hide(self, schema, path):
        document = document_with({"$defs": {"hidden": {"sensitivity": "personal"}}}, nick=schema)
        assert sensitivity_annotations(document) == {path: Sensitivity.PERSONAL}
        assert sensitivity_annotations(json.loads(json.dumps(document).replace('"personal"', '"none"'))) == {}

    def test_what_hides_the_keys_hides_all_of_the_object(self):
        schema = {"properties": {"age": {"sensitivity": "none"}}, "propertyNames": {"sensitivity": "personal"}}
        found = sensitivity_annotations(document_with(by_mail=schema))
        for path in ("/properties/by_mail/age", "/properties/by_mail/somebody", "/properties/by_mail/?/*"):
            assert sensitivity_at(path, found) == Sensitivity.PERSONAL

    def test_a_schema_of_keys_that_leads_back_to_itself_ends(self):
        person = {"propertyNames": {"$ref": "#/$defs/person"}, "contentSchema": {"$ref": "#/$defs/person"}}
        hidden = {"dependencies": {"a": {"sensitivity": "secret"}}}
        document = document_with({"$defs": {"person": person | hidden}}, user={"$ref": "#/$defs/person"})
        assert sensitivity_annotations(document)["/properties/user"] == Sensitivity.SECRET

    @pytest.mark.parametrize("name", ["?", "*"])
    def test_a_property_named_as_paths_name_other_keys_or_items_shows_nothing_of_these(self, name):
        shown = {"sensitivity": "none", "properties": {"inner": {"sensitivity": "none"}}}
        assert sensitivity_annotations(document_with(map={"properties": {name: shown}})) == {}
        hidden = sensitivity_annotations(document_with(map={"properties": {name: {"sensitivity": "personal"}}}))
        assert hidden == {f"/properties/map/{name}": Sensitivity.PERSONAL}

    def test_the_parts_have_their_own_paths(self):
        part = {"type": "object", "properties": {"nick": {"sensitivity": "secret"}}}
        assert sensitivity_annotations(definition(traits=part, context=part)) == {
            "/traits/nick": Sensitivity.SECRET,
            "/context/nick": Sensitivity.SECRET,
        }
        assert sensitivity_annotations(definition(call="identify", schema=part)) == {"/traits/nick": Sensitivity.SECRET}

    def test_of_several_the_strictest_counts_and_an_unknown_word_hides(self):
        both = {"sensitivity": "none", "oneOf": [{"sensitivity": "personal"}, {"sensitivity": "unknown"}]}
        found = sensitivity_annotations(document_with(both=both, odd={"sensitivity": "no-such-word"}))
        assert found == {"/properties/both": Sensitivity.PERSONAL, "/properties/odd": Sensitivity.SECRET}

    def test_a_schema_that_leads_back_to_itself_hides_from_there_on(self):
        person = {
            "properties": {"nick": {"sensitivity": "personal"}, "age": {"sensitivity": "none"}},
            "additionalProperties": {"$ref": "#/$defs/person"},
        }
        found = sensitivity_annotations(document_with({"$defs": {"person": person}}, user={"$ref": "#/$defs/person"}))
        assert sensitivity_at("/properties/user/nick", found) == Sensitivity.PERSONAL
        assert sensitivity_at("/properties/user/age", found) == Sensitivity.NONE
        assert sensitivity_at("/properties/user/?/?/nick", found) == Sensitivity.PERSONAL


@pytest.mark.django_db
class TestVersions:
    @pytest.mark.parametrize(
        ("annotation", "library", "kept"),
        [
            (None, None, ""),
            (None, "none", "none"),
            (None, "unknown", "unknown"),
            ("none", None, "none"),
            ("none", "none", "none"),
            ("none", "unknown", "unknown"),
            ("none", "personal", "personal"),
            ("personal", "none", "personal"),
            ("no-such-word", "none", "secret"),
        ],
    )
    def test_the_stricter_of_the_definition_and_the_library_is_kept(self, annotation, library, kept):
        if library is not None:
            PropertyFactory.create(name="coupon", sensitivity=library)
        event = EventFactory.create(name="Order Completed", definition=coupon(annotation))
        assert newest_version(event).properties.get(path=COUPON).sensitivity == kept

    def test_a_property_named_as_other_keys_are_in_paths_has_no_entry_in_the_library(self):
        PropertyFactory.create(name="?", sensitivity="none")
        version = newest_version(EventFactory.create(name="Order Completed", definition=document_with(**{"?": {}})))
        assert words_today(version).get("/properties/?", Sensitivity.UNKNOWN) == Sensitivity.UNKNOWN

    def test_a_stricter_word_of_the_library_reaches_every_version_and_a_looser_one_none(self, system):
        entry = PropertyFactory.create(name="coupon", sensitivity="none")
        first = newest_version(EventFactory.create(name="Order Completed"))
        other = newest_version(EventFactory.create(name="Order Refunded"))
        assert words_today(first)[COUPON] == Sensitivity.NONE
        entry = save_property(entry, by=system, sensitivity="personal")
        assert words_today(first)[COUPON] == words_today(other)[COUPON] == Sensitivity.PERSONAL
        second = publish_next_version(first.event, coupon(None, size={"type": "integer"}))
        save_property(entry, by=system, sensitivity="none")
        assert words_today(second)[COUPON] == Sensitivity.PERSONAL

    def test_the_library_s_history_keeps_both_words(self, system):
        entry = PropertyFactory.create(name="coupon", sensitivity="personal")
        save_property(entry, by=system, sensitivity="none")
        assert HistoryEntry.objects.get(subject_type="property").evidence["sensitivity"] == {
            "from": "personal",
            "to": "none",
        }

    def test_no_word_loosens_by_the_way(self, system):
        entry = PropertyFactory.create(name="coupon", sensitivity="personal")
        event = EventFactory.create(name="Order Completed")
        entry = save_property(entry, by=system, sensitivity="none")
        second = publish_next_version(event, definition(description="Other words."))
        third = publish_next_version(event, definition(description="Again.", title="Twice"))
        assert words_today(second)[COUPON] == words_today(third)[COUPON] == Sensitivity.PERSONAL
        save_property(entry, by=system, name="voucher")
        renamed = publish_next_version(event, definition(description="The entry has another name now."))
        assert words_today(renamed)[COUPON] == Sensitivity.PERSONAL

    def test_a_definition_that_states_it_takes_the_looser_word(self, system):
        entry = PropertyFactory.create(name="coupon", sensitivity="personal")
        event = EventFactory.create(name="Order Completed")
        too_early = publish_next_version(event, coupon("none"))
        assert words_today(too_early)[COUPON] == Sensitivity.PERSONAL
        save_property(entry, by=system, sensitivity="none")
        assert words_today(too_early)[COUPON] == Sensitivity.PERSONAL
        # Stated already: what takes the library's word is that the definition says no other any more.
        assert words_today(publish_next_version(event, coupon(None)))[COUPON] == Sensitivity.NONE

    def test_an_entry_made_later_loosens_nothing(self):
        event = EventFactory.create(name="Order Completed")
        PropertyFactory.create(name="coupon", sensitivity="none")
        version = publish_next_version(event, definition(description="Other words."))
        assert words_today(version)[COUPON] == Sensitivity.UNKNOWN

    def test_an_entry_made_later_hides_if_it_says_so(self, system):
        first = newest_version(EventFactory.create(name="Order Completed", definition=coupon("none")))
        entry = PropertyFactory.create(name="coupon")
        assert words_today(first)[COUPON] == Sensitivity.NONE
        save_property(entry, by=system, sensitivity="personal")
        assert words_today(first)[COUPON] == Sensitivity.PERSONAL

    def test_a_version_from_before_is_not_declared_whatever_the_library_says(self, system):
        entry = PropertyFactory.create(name="coupon", sensitivity="none")
        event = EventFactory.create(name="Order Completed")
        version = newest_version(event)
        before = self.from_before(version)
        assert words_today(before)[COUPON] == Sensitivity.UNKNOWN
        after = publish_next_version(event, definition(description="Other words."), parent=before)
        assert words_today(after)[COUPON] == Sensitivity.UNKNOWN
        save_property(entry, by=system, sensitivity="secret")
        assert words_today(before)[COUPON] == words_today(after)[COUPON] == Sensitivity.SECRET

    @staticmethod
    def from_before(version):
        """The next version, as a release that kept no words would have written its properties."""
        rows = list(VersionProperty.objects.filter(version=version))
        version.pk = None
        version.patch += 1
        version.save(force_insert=True)
        for row in rows:
            row.pk, row.version, row.sensitivity = None, version, ""
        VersionProperty.objects.bulk_create(rows)
        return version

    def test_what_was_kept_cannot_be_changed(self):
        PropertyFactory.create(name="coupon", sensitivity="personal")
        row = newest_version(EventFactory.create(name="Order Completed")).properties.get(path=COUPON)
        row.sensitivity = "none"
        with pytest.raises(Exception, match="catalog_versionproperty"):
            row.save()

    def test_an_unknown_word_is_refused_in_the_library(self, system):
        with pytest.raises(ValidationError, match="not a valid choice"):
            save_property(by=system, name="coupon", sensitivity="no-such-word")


@pytest.mark.django_db
class TestLoosening:
    @pytest.fixture
    def base(self):
        PropertyFactory.create(name="coupon", sensitivity="personal")
        nested = {"type": "object", "sensitivity": "personal", "properties": {"city": {"type": "string"}}}
        document = document_with(nick={"type": "string", "sensitivity": "secret"}, address=nested)
        return newest_version(EventFactory.create(name="Order Completed", definition=document))

    @staticmethod
    def loosened(base, document):
        return [(each.path, each.before.value, each.after.value) for each in loosened_sensitivities(base, document)]

    @staticmethod
    def changed(base, name, **schema):
        """The base's definition with another schema of one property; with none at all it is removed."""
        properties = dict(base.definition["schema"]["properties"])
        if schema:
            properties[name] = schema
        else:
            del properties[name]
        return base.definition | {"schema": base.definition["schema"] | {"properties": properties}}

    def test_the_same_words_loosen_nothing(self, base, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert self.loosened(base, base.definition | {"description": "Other words."}) == []

    def test_neither_does_another_text_beside_what_is_not_sensitive(self):
        event = EventFactory.create(name="Order Completed", definition=coupon("none"))
        assert self.loosened(newest_version(event), coupon("none") | {"description": "Other words."}) == []

    def test_stricter_and_new_ones_loosen_nothing(self, base):
        assert self.loosened(base, self.changed(base, "coupon", type="string", sensitivity="secret")) == []
        assert self.loosened(base, self.changed(base, "total", type="number", sensitivity="personal")) == []
        assert self.loosened(base, self.changed(base, "size", type="integer")) == []

    @pytest.mark.parametrize("word", ["none", "unknown"])
    def test_a_looser_word_in_the_definition_does(self, base, word):
        assert self.loosened(base, self.changed(base, "nick", type="string", sensitivity=word)) == [
            ("/properties/nick", "secret", word)
        ]

    def test_so_does_stating_another_word_than_the_library(self, base):
        document = self.changed(base, "coupon", type="string", sensitivity="none")
        assert self.loosened(base, document) == [(COUPON, "personal", "none")]

    def test_so_does_an_annotation_that_is_taken_away(self, base):
        assert self.loosened(base, self.changed(base, "nick", type="string")) == [
            ("/properties/nick", "secret", "unknown")
        ]

    def test_so_does_a_property_that_is_taken_away(self, base):
        assert self.loosened(base, self.changed(base, "coupon")) == [(COUPON, "personal", "unknown")]

    def test_so_does_one_that_is_not_sensitive_by_a_new_word(self, base):
        document = self.changed(base, "size", type="integer", sensitivity="none")
        assert self.loosened(base, document) == [("/properties/size", "unknown", "none")]

    def test_a_word_for_the_whole_part_does_and_one_inside_something_hidden_does_not(self, base):
        whole = base.definition | {"schema": base.definition["schema"] | {"sensitivity": "none"}}
        assert ("/properties", "unknown", "none") in self.loosened(base, whole)
        city = {"city": {"type": "string", "sensitivity": "none"}}
        inside = self.changed(base, "address", type="object", sensitivity="personal", properties=city)
        assert self.loosened(base, inside) == []

    def test_a_publisher_of_words_alone_cannot_loosen(self, base, system):
        # Whoever may publish words only may publish what compares as words: a looser word never does.
        document = self.changed(base, "nick", type="string", sensitivity="none")
        version = publish_version(base.event, definition=document, parent=base, sources=[], by=system)
        assert version.comparison["outcome"] not in ("equal", "words")
