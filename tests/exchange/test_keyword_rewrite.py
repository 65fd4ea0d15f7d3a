"""What the judge cannot apply is kept as words, noted, and never makes a schema stricter."""

from typing import Any

import jsonschema_rs
import pytest

from catalog.contract import Event, compile_contract
from catalog.exchange.entry import EntryOutcome
from catalog.exchange.json_schema.keyword_rewrite import is_linear_time_pattern, rewrite_unsupported_keywords
from tests.exchange.real_dictionaries import document_of, import_one_file, problem_and_note_codes

AHEAD = "^(?!test)"
HARD = {"type": "string", "pattern": AHEAD}


@pytest.mark.parametrize("pattern", [AHEAD, r"(a)\1", "(?<=a)b", "(", "x{1000}{1000}{1000}"])
def test_patterns_beyond_linear_time_are_known(pattern: str):
    assert not is_linear_time_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", r"^[\d\w-]+$", "[a-zA-Z0-9-_.]+", r"\p{L}", "^(?:0|[1-9][0-9]*)$"])
def test_patterns_in_linear_time_stay(pattern: str):
    assert rewrite_unsupported_keywords({"pattern": pattern}) == ({"pattern": pattern}, ())


@pytest.mark.parametrize(
    ("schema", "weakened", "where"),
    [
        (HARD, {"type": "string", "description": f"Pattern that is not checked: {AHEAD}"}, "/pattern"),
        (
            HARD | {"description": "A name"},
            {"type": "string", "description": f"A name\n\nPattern that is not checked: {AHEAD}"},
            "/pattern",
        ),
        ({"not": HARD}, {"description": "A condition (`not`) that is not checked."}, "/not"),
        (
            {"if": HARD, "then": {"minLength": 3}, "else": False},
            {"description": "A condition (`if`) that is not checked."},
            "/if",
        ),
        (
            {"patternProperties": {AHEAD: {"type": "string"}, "^x": {"type": "null"}}, "additionalProperties": False},
            {
                "patternProperties": {"^x": {"type": "null"}},
                "additionalProperties": True,
                "description": f"Pattern of keys that is not checked: {AHEAD}",
            },
            f"/patternProperties/{AHEAD}",
        ),
        (
            {"contains": HARD, "maxContains": 2, "type": "array"},
            {"type": "array", "description": "A count of items (`contains`) that is not checked."},
            "/contains",
        ),
    ],
)
def test_patterns_become_words(schema: Any, weakened: Any, where: str):
    made, notes = rewrite_unsupported_keywords(schema)
    assert made == weakened
    assert ("weakened", where) in [(note.code, note.where) for note in notes]


def test_one_of_several_becomes_any_of_them():
    made, notes = rewrite_unsupported_keywords({"oneOf": [HARD, {"type": "string"}], "allOf": [{"maxLength": 9}]})
    loose = {"type": "string", "description": f"Pattern that is not checked: {AHEAD}"}
    assert made == {"allOf": [{"maxLength": 9}, {"anyOf": [loose, {"type": "string"}]}]}
    assert [note.where for note in notes] == ["/oneOf", "/oneOf/0/pattern"]


def test_a_condition_on_a_reference_goes_where_a_hard_pattern_may_lie_behind_it():
    made, _ = rewrite_unsupported_keywords({"not": {"$ref": "#/$defs/hard"}, "$defs": {"hard": HARD}})
    assert "not" not in made
    easy = {"not": {"$ref": "#/$defs/easy"}, "$defs": {"easy": {"type": "string"}}}
    assert rewrite_unsupported_keywords(easy) == (easy, ())


@pytest.mark.parametrize(
    "schema",
    [
        {"not": HARD},
        {"oneOf": [HARD, {"type": "string"}]},
        {"if": HARD, "then": {"maxLength": 3}, "else": {"minLength": 9}},
        {"anyOf": [HARD, {"minLength": 20}]},
        {"allOf": [{"not": {"anyOf": [HARD, {"minLength": 20}]}}]},
        {"patternProperties": {AHEAD: {"type": "string"}}, "additionalProperties": False},
        {"contains": HARD, "maxContains": 1},
        {"propertyNames": HARD},
    ],
)
def test_nothing_becomes_stricter(schema: Any):
    """An engine that can look ahead judges the original, the linear one what was made of it."""
    original = jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.FancyRegexOptions())
    made = jsonschema_rs.Draft202012Validator(
        rewrite_unsupported_keywords(schema)[0], pattern_options=jsonschema_rs.RegexOptions()
    )
    values = [
        "",
        "a",
        "test",
        "tester",
        "abcd",
        "x" * 10,
        "x" * 30,
        1,
        None,
        ["a"],
        ["test", "a", "b"],
        {"a": "b"},
        {"test": 1},
    ]
    for value in values:
        assert made.is_valid(value) or not original.is_valid(value), value


def test_formats_that_nobody_defined_become_words():
    made, notes = rewrite_unsupported_keywords({"properties": {"a": {"type": "string", "format": "currency"}}})
    assert made["properties"]["a"] == {"type": "string", "description": "Format that is not checked: currency"}
    assert [(note.code, note.where) for note in notes] == [("unknown_format", "/properties/a/format")]


def test_an_entry_with_such_a_pattern_is_imported_with_a_note():
    raw = b"title: a/b\n$id: /a/b/1.0.0\ntype: object\nproperties: {x: {type: string, pattern: '^(?!no)'}}\n"
    (entry,) = import_one_file("wikimedia", "jsonschema/a/b/1.0.0.yaml", raw)
    assert (entry.outcome, problem_and_note_codes(entry)) == (EntryOutcome.IMPORTED, ["weakened", "open_objects"])
    contract = compile_contract(document_of(entry))
    assert contract.check(Event(call="track", properties={"x": "no"})).violations == ()
    assert len(contract.check(Event(call="track", properties={"x": 1})).errors) == 1
