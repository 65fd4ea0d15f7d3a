"""What the number means: which steps are major, which are minor, and what is a patch of mere words."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import (
    Comparison,
    ComparisonOutcome,
    Event,
    Verdict,
    VersionBump,
    compare,
    compare_for_all_sources,
    compile_contract,
    diff,
    find_problems,
)
from catalog.contract.schema.validator import CHECKED_FORMATS, build_validator
from tests.contract.comparison.test_comparing_anything import assert_is_true

Schema = dict[str, Any]
TEXT = {"type": "string"}


def objects(**members: Any) -> Schema:
    return {"type": "object", "properties": {"a": TEXT}, **members}


def at_the_root(schema: Schema) -> dict[str, Any]:
    return {"name": "A", "call": "track", "schema": schema}


def in_a_property(schema: Schema) -> dict[str, Any]:
    return at_the_root({"type": "object", "properties": {"outer": schema}})


def in_a_list(schema: Schema) -> dict[str, Any]:
    return at_the_root({"type": "object", "properties": {"outer": {"type": "array", "items": schema}}})


def two_levels_down(schema: Schema) -> dict[str, Any]:
    return in_a_property({"type": "object", "properties": {"inner": schema}})


def under_free_keys(schema: Schema) -> dict[str, Any]:
    return in_a_property({"type": "object", "additionalProperties": schema})


def behind_a_reference(schema: Schema) -> dict[str, Any]:
    return at_the_root(
        {"type": "object", "properties": {"outer": {"$ref": "#/$defs/outer"}}, "$defs": {"outer": schema}}
    )


def in_traits(schema: Schema) -> dict[str, Any]:
    return {"name": "A", "call": "identify", "schema": schema}


def in_context(schema: Schema) -> dict[str, Any]:
    return at_the_root(objects()) | {"context": schema}


def for_one_source(schema: Schema) -> dict[str, Any]:
    return at_the_root(schema) | {"per_source": {"ios": {"required": ["a"]}}}


CLOSED_PLACES = [
    at_the_root,
    in_a_property,
    in_a_list,
    two_levels_down,
    under_free_keys,
    behind_a_reference,
    in_traits,
    for_one_source,
]
everywhere_closed = pytest.mark.parametrize("place", CLOSED_PLACES, ids=lambda place: place.__name__)
everywhere = pytest.mark.parametrize("place", [*CLOSED_PLACES, in_context], ids=lambda place: place.__name__)
Place = Callable[[Schema], dict[str, Any]]


def compared(old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    for document in (old, new):
        assert not find_problems(document)
    found = compare(old, new)
    for_all = compare_for_all_sources(old, new)
    assert (found.outcome, found.version_bump) == (for_all.outcome, for_all.version_bump)
    assert_is_true(found, old, new)
    return found


class TestWhatNoLongerConforms:
    """Each of these events conformed, with a warning at most, and would not."""

    @everywhere_closed
    @pytest.mark.parametrize(
        "members",
        [
            {"additionalProperties": False},
            {"unevaluatedProperties": False},
            {"additionalProperties": {"type": "integer"}},
            {"patternProperties": {"^utm_": {"type": "string"}}},
            {"properties": {"a": TEXT, "b": False}},
            {"properties": {"a": TEXT, "b": {"type": "string", "enum": [1]}}},
            {"properties": {"a": TEXT, "b": {}}, "additionalProperties": False},
            {"properties": {"a": TEXT, "b": {}}, "dependentRequired": {"b": ["a"]}},
            {"maxProperties": 1},
            {"propertyNames": {"maxLength": 5}},
        ],
        ids=str,
    )
    def test_is_major(self, place: Place, members: Schema) -> None:
        found = compared(place(objects()), place(objects(**members)))

        assert (found.version_bump, found.keeps_valid) == (VersionBump.MAJOR, True)
        # Of values under free keys few are made up, so not every break there is shown.
        assert found.outcome is ComparisonOutcome.BREAKING or place is under_free_keys
        assert (found.counterexample is not None) is (found.outcome is ComparisonOutcome.BREAKING)

    def test_the_words_say_which_verdict_it_is_about(self) -> None:
        closed = compared(at_the_root(objects()), at_the_root(objects(additionalProperties=False)))
        narrowed = compared(
            at_the_root(objects()), at_the_root({"type": "object", "properties": {"a": {"const": "x"}}})
        )

        assert "conformed" in closed.reason
        assert "valid" in narrowed.reason
        assert (closed.keeps_valid, narrowed.keeps_valid) == (True, False)

    def test_a_second_part_that_is_narrowed_makes_valid_events_invalid(self) -> None:
        old, new = at_the_root(objects()), at_the_root(objects(additionalProperties=False))
        old["context"] = objects(properties={"locale": TEXT})
        new["context"] = objects(properties={"locale": {"type": "integer"}})

        found = compared(old, new)

        assert (found.version_bump, found.keeps_valid) == (VersionBump.MAJOR, False)

    def test_a_second_source_whose_events_are_narrowed_makes_valid_events_invalid(self) -> None:
        old, new = at_the_root(objects()), at_the_root(objects(additionalProperties=False))
        new["per_source"] = {"shop": {"required": ["a"]}}

        found = compare_for_all_sources(old, new)

        assert (found.version_bump, found.keeps_valid) == (VersionBump.MAJOR, False)


class TestWhatWasUnknownAndIsDescribed:
    @everywhere_closed
    @pytest.mark.parametrize(
        "schema", [{}, {"type": "integer"}, {"const": None}, objects(), {"$ref": "#/$defs/b"}], ids=str
    )
    def test_is_minor(self, place: Place, schema: Schema) -> None:
        old, new = place(objects()), place(objects(properties={"a": TEXT, "b": schema}))
        for document in (old, new):
            document["schema"].setdefault("$defs", {})["b"] = {"type": "boolean"}

        found = compared(old, new)

        assert (found.outcome, found.version_bump) == (ComparisonOutcome.COMPATIBLE, VersionBump.MINOR)
        assert ("unknown so far" in found.reason) is (schema != {})

    def test_two_of_them_at_two_depths_are(self) -> None:
        old = at_the_root({"type": "object", "properties": {"outer": objects()}})
        outer = objects(properties={"a": TEXT, "b": {"type": "integer"}})
        new = at_the_root({"type": "object", "properties": {"outer": outer, "c": objects()}})

        assert compared(old, new).version_bump is VersionBump.MINOR

    def test_in_the_context_nothing_is_unknown_so_it_is_major(self) -> None:
        found = compared(in_context(objects()), in_context(objects(properties={"a": TEXT, "b": {"type": "integer"}})))

        assert (found.version_bump, found.keeps_valid) == (VersionBump.MAJOR, False)

    def test_what_was_open_by_a_word_was_not_unknown(self) -> None:
        old = at_the_root(objects(additionalProperties=True))
        new = at_the_root(objects(properties={"a": TEXT, "b": {"type": "integer"}}, additionalProperties=True))

        assert compared(old, new).version_bump is VersionBump.MAJOR

    def test_what_a_branch_or_a_pattern_names_was_not_unknown(self) -> None:
        new = objects(properties={"a": TEXT, "b_1": {"type": "integer"}})
        for rest in ({"patternProperties": {"^b": True}}, {"anyOf": [{"properties": {"b_1": True}}, True]}):
            assert compared(at_the_root(objects(**rest)), at_the_root(new | rest)).version_bump is VersionBump.MAJOR

    def test_to_require_it_is_major(self) -> None:
        new = objects(properties={"a": TEXT, "b": TEXT}, required=["b"])

        assert compared(at_the_root(objects()), at_the_root(new)).version_bump is VersionBump.MAJOR

    def test_the_exception_is_just_that(self) -> None:
        old, new = at_the_root(objects()), at_the_root(objects(properties={"a": TEXT, "b": {"type": "integer"}}))
        event = Event(call="track", properties={"b": "5"})

        assert compile_contract(old).check(event).verdict == Verdict.CONFORMING
        assert compile_contract(new).check(event).verdict == Verdict.NONCONFORMING
        assert compared(old, new).version_bump is VersionBump.MINOR


REWRITES = {
    "the order of an enum": ({"enum": ["x", "y", 1]}, {"enum": [1, "y", "x"]}),
    "an enum with its type": ({"enum": ["x", "y"]}, {"enum": ["y", "x"], "type": "string"}),
    "the order of types": ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
    "a list of one type": ({"type": ["string"]}, {"type": "string"}),
    "a number that is an integer, too": ({"type": ["number", "integer"]}, {"type": "number"}),
    "a const": ({"const": 1}, {"enum": [1.0]}),
    "a const of an object": ({"const": {"x": [True]}}, {"enum": [{"x": [True]}]}),
    "an annotation of a vendor": (TEXT, TEXT | {"x-unit": "EUR", "bigQueryType": "STRING", "x-nested": {"a": [1]}}),
    "a format that nobody checks": (TEXT, TEXT | {"format": "datetime"}),
    "one format that nobody checks for another": (TEXT | {"format": "url"}, TEXT | {"format": "datetime"}),
    "the order of what is required": (
        {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["a", "b"]},
        {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["b", "a"]},
    ),
    "a requirement in a branch": (objects(required=["a"]), objects(allOf=[{"required": ["a"]}])),
    "the order of branches": (
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]},
        {"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 3}]},
    ),
    "a bound that says nothing": (TEXT, TEXT | {"minLength": 0}),
    "a bound of another type": (TEXT, TEXT | {"minimum": 5}),
    "a media type": (TEXT, TEXT | {"contentMediaType": "application/json"}),
}
rewritten = pytest.mark.parametrize(("old", "new"), REWRITES.values(), ids=REWRITES.keys())


def assert_is_a_patch_of_words(old: dict[str, Any], new: dict[str, Any]) -> None:
    for before, after in ((old, new), (new, old)):
        found = compared(before, after)
        assert (found.outcome, found.version_bump) == (ComparisonOutcome.WORDS, VersionBump.PATCH)
        assert found.counterexample is None


class TestWhatSaysTheSame:
    @everywhere
    @rewritten
    def test_is_a_patch_of_words(self, place: Place, old: Schema, new: Schema) -> None:
        before, after = ({"type": "object", "properties": {"a": schema}} for schema in (old, new))
        assert_is_a_patch_of_words(place(before), place(after))

    @everywhere
    def test_the_order_of_members_is_no_difference_at_all(self, place: Place) -> None:
        old, new = objects(required=["a"]), dict(reversed(objects(required=["a"]).items()))
        assert compared(place(old), place(new)).outcome is ComparisonOutcome.EQUAL

    @everywhere
    @pytest.mark.parametrize(
        "beside", [{}, {"x-owner": "me"}, {"description": "Words.", "$comment": "And more."}], ids=str
    )
    def test_a_reference_written_out_is(self, place: Place, beside: Schema) -> None:
        inner = objects(required=["a"])
        old = place({"type": "object", "properties": {"a": {"$ref": "#/$defs/one"} | beside, "b": {"type": "integer"}}})
        new = place({"type": "object", "properties": {"b": {"type": "integer"}, "a": inner}})
        member = "context" if "context" in old else "schema"
        old[member].setdefault("$defs", {}).update({"one": {"$ref": "#/$defs/two"}, "two": inner})

        assert_is_a_patch_of_words(old, new)

    def test_one_that_leads_back_to_itself_is_compared_as_it_stands(self) -> None:
        tree = {"type": "object", "properties": {"child": {"$ref": "#/$defs/tree"}, "kind": {"const": "x"}}}
        old = at_the_root({"type": "object", "properties": {"a": {"$ref": "#/$defs/tree"}}, "$defs": {"tree": tree}})
        new = copy.deepcopy(old)
        new["schema"]["$defs"]["tree"]["properties"]["kind"] = {"enum": ["x"]}

        assert_is_a_patch_of_words(old, new)

    @pytest.mark.parametrize("reference", ["#/x-defs/one", "#/properties/b", "#one"])
    def test_a_reference_to_any_place_still_holds(self, reference: str) -> None:
        old = at_the_root(
            {
                "type": "object",
                "properties": {"a": {"$ref": reference, "minLength": 1}, "b": TEXT | {"$anchor": "one"}},
                "x-defs": {"one": TEXT},
            }
        )
        new = copy.deepcopy(old)
        new["schema"]["properties"]["a"]["minLength"] = 2

        assert compared(old, old | {"description": "Words."}).outcome is ComparisonOutcome.WORDS
        assert compared(new, old).version_bump is VersionBump.MINOR
        assert compared(old, new).version_bump is VersionBump.MAJOR

    def test_a_source_s_entry_that_is_spelled_otherwise_is(self) -> None:
        old = at_the_root({"type": "object", "properties": {"a": TEXT, "b": TEXT}})
        one = old | {"per_source": {"ios": {"required": ["a", "b"]}, "web": {}}}
        other = old | {"per_source": {"ios": {"required": ["/properties/b", "a"]}}}

        assert compare_for_all_sources(one, other).version_bump in (VersionBump.NONE, VersionBump.PATCH)
        assert compare_for_all_sources(one, old | {"per_source": {"ios": {"required": ["a"]}}}).outcome == "compatible"

    def test_a_vendor_s_member_of_the_document_is(self) -> None:
        assert_is_a_patch_of_words(at_the_root(objects()), at_the_root(objects()) | {"x-team": {"name": "growth"}})

    def test_a_name_beside_a_rewrite_is_no_mere_word(self) -> None:
        old, new = in_a_property({"const": 1}), in_a_property({"enum": [1]}) | {"unit": "EUR"}

        found = compared(old, new)

        assert (found.outcome, found.version_bump) == (ComparisonOutcome.COMPATIBLE, VersionBump.PATCH)
        assert "unit" in found.reason

    def test_how_sensitive_a_property_is_is_no_mere_word(self) -> None:
        for old, new in ((TEXT, TEXT | {"sensitivity": "none"}), (TEXT | {"sensitivity": "personal"}, TEXT)):
            found = compared(in_a_property(old), in_a_property(new))
            assert found.outcome is ComparisonOutcome.COMPATIBLE

    def test_a_property_that_is_named_now_is_no_mere_word(self) -> None:
        old = at_the_root(objects(additionalProperties=True))
        new = at_the_root(objects(properties={"a": TEXT, "b": True}, additionalProperties=True))

        assert compared(old, new).outcome is ComparisonOutcome.COMPATIBLE

    def test_the_list_of_differences_calls_them_words(self) -> None:
        old, new = in_a_property(TEXT), in_a_property(TEXT | {"x-unit": "EUR", "bigQueryType": "STRING"})
        assert {found.kind for found in diff(old, new)} == {"words"}
        (sensitivity,) = diff(old, in_a_property(TEXT | {"sensitivity": "personal"}))
        assert sensitivity.kind == "changed"


@pytest.mark.parametrize("format_", sorted(CHECKED_FORMATS))
def test_the_formats_that_are_checked_are(format_: str) -> None:
    assert not build_validator({"format": format_}).is_valid("\x00 ~2 [ (%zz")


@given(st.text(max_size=12).filter(lambda text: text not in CHECKED_FORMATS))
def test_no_other_format_is(format_: str) -> None:
    assert build_validator({"format": format_}).is_valid("\x00 ~2 [ (%zz")
