"""Segment's rules of every type, in both forms: which call they become, and what they share."""

import json
from typing import Any

import pytest

from catalog.contract import Event, Verdict, compile_contract
from catalog.exchange.entry import Entry, EntryOutcome
from tests.exchange.real_dictionaries import document_of, import_one_file, problem_and_note_codes

TEXT = {"type": "string"}


def envelope(required: tuple[str, ...] = (), **parts: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": parts,
    }
    return schema | ({"required": list(required)} if required else {})


def an_object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def rule(kind: str, key: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "version": 1, "jsonSchema": schema} | more


def read(*rules: Any, **more: Any) -> list[Entry]:
    return import_one_file("segment", "plan.json", json.dumps({"name": "plan", "rules": list(rules)} | more).encode())


@pytest.mark.parametrize(
    ("kind", "key", "call", "name"),
    [
        ("TRACK", "Order Completed", "track", "Order Completed"),
        ("PAGE", "Checkout", "page", "Checkout"),
        ("PAGE", "", "page", "page"),
        ("SCREEN", "Home", "screen", "Home"),
        ("IDENTIFY", "", "identify", "identify"),
        ("GROUP", "", "group", "group"),
    ],
)
def test_a_rules_type_names_its_call(kind: str, key: str, call: str, name: str):
    main = "traits" if call in ("identify", "group") else "properties"
    (entry,) = read(rule(kind, key, envelope((), **{main: an_object("x", x=TEXT)})))
    assert (entry.call, entry.name) == (call, name)
    contract = compile_contract(document_of(entry))
    good: dict[str, Any] = {main: {"x": "y"}}
    bad: dict[str, Any] = {main: {"x": 1}}
    assert contract.check(Event(call=call, event=name, **good)).violations == ()
    (violation,) = contract.check(Event(call=call, event=name, **bad)).violations
    assert violation.path == f"/{main}/x"


def test_a_track_rule_without_a_key_is_reported():
    (entry,) = read(rule("TRACK", "", envelope(properties=an_object())))
    assert (entry.outcome, entry.name, problem_and_note_codes(entry)) == (EntryOutcome.FAILED, "", ["no_name"])


def test_unknown_types_and_rules_that_are_no_objects_are_reported():
    found = read(rule("SOMETHING", "x", {}), 7)
    assert [problem_and_note_codes(entry) for entry in found] == [["unknown_type"], ["unknown_type"]]


def test_a_rule_speaks_of_properties_context_and_traits():
    schema = envelope(
        properties=an_object("total", total={"type": "number"}),
        context=an_object(app=an_object("version", version=TEXT)),
        traits=an_object(plan=TEXT),
    )
    (entry,) = read(rule("TRACK", "Order", schema))
    document = document_of(entry)
    assert document["schema"] == an_object("total", total={"type": "number"})
    assert document["context"] == schema["properties"]["context"]
    assert document["traits"] == schema["properties"]["traits"]


def test_a_flat_schema_may_have_a_property_named_like_a_part():
    (entry,) = read(rule("TRACK", "Flat", an_object(properties=TEXT, other=TEXT)))
    assert document_of(entry)["schema"]["properties"] == {"properties": TEXT, "other": TEXT}


def test_definitions_beside_the_parts_come_along():
    schema = envelope(
        properties=an_object(
            home={"$ref": "#/definitions/place"}, office={"$ref": "#/properties/properties/properties/home"}
        )
    )
    schema["definitions"] = {"place": an_object("city", city=TEXT)}
    (entry,) = read(rule("TRACK", "Moved", schema))
    contract = compile_contract(document_of(entry))
    assert (
        contract.check(Event(call="track", properties={"home": {"city": "A"}, "office": {"city": "B"}})).violations
        == ()
    )
    judgement = contract.check(Event(call="track", properties={"home": {}, "office": {"city": 1}}))
    assert {violation.path for violation in judgement.errors} == {"/properties/home/city", "/properties/office/city"}


def test_a_reference_into_another_part_is_reported():
    schema = envelope(properties=an_object(a={"$ref": "#/properties/context"}), context=an_object(b=TEXT))
    (entry,) = read(rule("TRACK", "Crossed", schema))
    assert (entry.outcome, problem_and_note_codes(entry)[0]) == (EntryOutcome.FAILED, "lost_reference")


def test_deprecated_rules_say_so_and_the_zero_time_does_not():
    found = read(
        rule("TRACK", "a", {}, deprecatedAt="0001-01-01T00:00:00.000Z"),
        rule("TRACK", "b", {}, deprecatedAt="2024-05-06T07:08:09.000Z"),
        rule("TRACK", "c", {}),
    )
    assert [entry.status for entry in found] == ["", "deprecated", ""]


def test_labels_are_kept_and_name_the_owner():
    (entry,) = read(rule("TRACK", "a", {"labels": {"Owner": "Growth", "Category": "Shop", "x": "y"}}))
    assert entry.labels == (("Category", "Shop"), ("Owner", "Growth"), ("x", "y"))
    assert (entry.owner_text, entry.category_text) == ("Growth", "Shop")


def test_a_common_rule_is_a_fragment_and_part_of_every_event():
    common = envelope(
        context=an_object("ip", ip=TEXT), properties=an_object("shop", shop=TEXT), traits=an_object(plan=TEXT)
    )
    fragment, order, person = read(
        rule("COMMON", "", common),
        rule("TRACK", "Order", envelope(properties=an_object("total", total={"type": "number"}))),
        rule("IDENTIFY", "", envelope(traits=an_object(age={"type": "integer"}))),
    )
    assert fragment.outcome is EntryOutcome.FRAGMENT
    assert document_of(order)["schema"] == an_object("total", "shop", total={"type": "number"}, shop=TEXT)
    assert document_of(order)["context"] == document_of(person)["context"] == an_object("ip", ip=TEXT)
    assert document_of(person)["schema"] == an_object(age={"type": "integer"}, plan=TEXT)
    assert problem_and_note_codes(order).count("common_merged") == 2


def test_what_both_define_must_satisfy_both():
    _, entry = read(
        rule("COMMON", "", envelope(properties=an_object(shop={"type": "string", "maxLength": 2}))),
        rule("TRACK", "Order", envelope(properties=an_object(shop={"type": "string", "minLength": 2}))),
    )
    contract = compile_contract(document_of(entry))
    verdicts = [contract.check(Event(call="track", properties={"shop": shop})).verdict for shop in ("a", "ab", "abc")]
    assert verdicts == [Verdict.NONCONFORMING, Verdict.CONFORMING, Verdict.NONCONFORMING]


def test_what_speaks_of_the_whole_message_is_noted():
    schema = envelope(("context",), properties=an_object(x=TEXT), context={}) | {"additionalProperties": False}
    (entry,) = read(rule("TRACK", "a", schema))
    assert problem_and_note_codes(entry) == ["outside_parts", "part_required", "open_objects"]


def test_the_older_form_has_events_and_rules_for_all_of_them():
    plan = {
        "rules": {
            "events": [
                {"name": "Order", "version": 2, "description": "Paid", "rules": envelope(properties=an_object(x=TEXT))}
            ],
            "global": envelope(context=an_object(ip=TEXT)),
            "identify": envelope(traits=an_object("email", email=TEXT)),
            "group_traits": [{"name": "plan", "description": "What they pay", "rules": {"type": "string"}}],
            "group": {},
            "surprise": [1],
        }
    }
    found = import_one_file("segment", "plan.json", json.dumps(plan).encode())
    assert [(entry.path.partition("#")[2], entry.outcome.value, entry.call) for entry in found] == [
        ("/rules/events/0", "imported", "track"),
        ("/rules/global", "fragment", "track"),
        ("/rules/identify", "imported", "identify"),
        ("/rules/group_traits", "imported", "group"),
        ("/rules/group", "skipped", "track"),
        ("/rules/surprise", "failed", "track"),
    ]
    assert (found[0].origin_version, document_of(found[0])["description"]) == ("2", "Paid")
    assert document_of(found[0])["context"] == document_of(found[2])["context"] == an_object(ip=TEXT)
    assert document_of(found[3])["schema"] == an_object(plan={"description": "What they pay", "type": "string"})


def test_a_page_of_an_answer_says_that_more_follow():
    body = {"data": {"rules": [rule("TRACK", "a", {})], "pagination": {"current": "MA==", "next": "MjU="}}}
    found = import_one_file("segment", "plan.json", json.dumps(body).encode())
    assert [problem_and_note_codes(entry) for entry in found] == [["open_objects"], ["more_pages"]]


def test_a_plan_without_rules_is_still_one_entry():
    assert [problem_and_note_codes(entry) for entry in read()] == [["empty"]]


def test_a_path_whose_parent_cannot_hold_it_stays_a_name():
    (entry,) = read(
        rule("TRACK", "a", envelope(properties=an_object("p[x]", **{"p": TEXT, "p[x]": TEXT, "q[y]": TEXT})))
    )
    schema = document_of(entry)["schema"]
    assert schema["properties"] == {"p": TEXT, "p[x]": TEXT, "q": an_object(y=TEXT)}
    assert schema["required"] == ["p[x]"]
    assert problem_and_note_codes(entry) == ["path_kept", "path_folded", "open_objects"]


def test_paths_in_paths_and_required_ones_fold_all_the_way():
    deep = an_object("a.$.b.$.c", **{"a.$.b.$.c": TEXT})
    (entry,) = read(rule("TRACK", "a", envelope(properties=deep)))
    contract = compile_contract(document_of(entry))
    assert contract.check(Event(call="track", properties={"a": [{"b": [{"c": "x"}]}]})).violations == ()
    judgement = contract.check(Event(call="track", properties={"a": [{"b": [{}]}]}))
    assert [violation.path for violation in judgement.errors] == ["/properties/a/0/b/0/c"]


def test_a_common_rule_of_other_values_is_merged_and_not_taken_for_the_same():
    common = envelope(properties=an_object(gift={"enum": [False, True]}, plan={"const": 1.0}))
    own = envelope(properties=an_object(gift={"enum": [0, 1]}, plan={"const": 1}))

    _, order = read(rule("COMMON", "", common), rule("TRACK", "Order Completed", own))

    properties = document_of(order)["schema"]["properties"]
    assert properties["gift"] == {"allOf": [{"enum": [0, 1]}, {"enum": [False, True]}]}
    assert properties["plan"] == {"const": 1}
