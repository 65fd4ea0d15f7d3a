"""The lint: each rule finds its bad example and leaves its good one, and its neighbours, alone."""

import json
import uuid
from datetime import date

import pytest

from catalog.contract import PlannedDates, lint_dates, lint_definition
from catalog.contract.lint.lint_tables import DATE_RULES, DEFINITION_RULES, LINT_RULES
from catalog.contract.lint.linter import readable_place
from tests.contract.lint.linted_definitions import codes, document_with, root_issues


def example_document(text):
    example = json.loads(text)
    return example if "schema" in example else document_with(example)


@pytest.mark.parametrize("rule", DEFINITION_RULES, ids=lambda rule: rule.code)
def test_a_rule_finds_its_bad_example_and_leaves_its_good_one(rule):
    assert [(issue.code, issue.severity) for issue in lint_definition(example_document(rule.text.bad))] == [
        (rule.code, rule.severity)
    ]
    assert lint_definition(example_document(rule.text.good)) == []


@pytest.mark.parametrize("rule", DATE_RULES, ids=lambda rule: rule.code)
def test_a_rule_of_dates_finds_its_bad_example_and_leaves_its_good_one(rule):
    def issues(text):
        days = {name: date.fromisoformat(day) for name, day in json.loads(text).items()}
        ends_on = (("Order Paid", days["ends_on"]),) if "ends_on" in days else ()
        return lint_dates(PlannedDates(days["today"], days.get("review_by"), ends_on))

    assert [(issue.code, issue.severity) for issue in issues(rule.text.bad)] == [(rule.code, rule.severity)]
    assert issues(rule.text.good) == []


def test_every_rule_has_a_code_of_its_own_and_a_sentence():
    assert len({rule.code for rule in LINT_RULES}) == len(LINT_RULES)
    assert all(rule.text.what.endswith(".") for rule in LINT_RULES)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minLength": 1},
        {"type": "array", "minLength": 1},
        {"type": "string", "maximum": 1},
        {"type": "number", "format": "date"},
        {"type": ["string", "null"], "required": ["a"]},
        {"then": {"minLength": 1}},
        {"type": "array", "minContains": 2},
    ],
)
def test_a_keyword_that_says_nothing_where_it_stands_is_told(schema):
    assert "idle_keyword" in codes(schema)


@pytest.mark.parametrize(
    "names",
    [
        [str(number) for number in range(300)],
        [str(uuid.UUID(int=number)) for number in range(300)],
        [f"user_{number}" for number in range(10_000, 10_300)],
        [f"{number:08x}f1" for number in range(300)],
        [f"2026-03-{day:02}" for day in range(1, 30)],
        [f"p{number}@example.com" for number in range(20)],
    ],
)
def test_properties_that_look_like_a_map_of_ids_are_told(names):
    assert root_issues({"properties": {name: {"type": "string"} for name in names}}) == [("map_of_ids", "/properties")]


@pytest.mark.parametrize(
    "names",
    [
        [f"dimension{number}" for number in range(1, 201)],
        [f"step_{number}" for number in range(100)],
        [str(number) for number in range(19)],
        ["facade", "deadbeef", "cafe", *(f"name_{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")],
    ],
)
def test_many_properties_with_names_are_no_map(names):
    assert root_issues({"properties": {name: {"type": "string"} for name in names}}) == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/schema/properties/total/maxlength", "total"),
        ("/schema/properties/products/items/properties/price/enum/3", "products[].price"),
        ("/context/properties/app/properties/version/format", "context.app.version"),
        ("/schema/properties/properties/properties/a", "properties.a"),
        ("/schema/patternProperties/^x/minimum", "(any key)"),
        ("/schema/anyOf/1/properties/a/type", "a"),
        ("/schema/required", ""),
        ("/discription", ""),
    ],
)
def test_a_place_is_written_as_people_read_it(path, place):
    assert readable_place(path) == place


TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (PlannedDates(TODAY, TODAY), ["review_date"]),
        (PlannedDates(TODAY, date(2026, 3, 2)), []),
        (PlannedDates(TODAY, None, (("A", TODAY),)), []),
        (PlannedDates(TODAY, None, (("A", date(2026, 2, 28)), ("B", date(2025, 1, 1)))), ["end_date", "end_date"]),
        (PlannedDates(TODAY, date(2036, 9, 1), (("A", date(2226, 6, 1)),)), ["distant_date", "distant_date"]),
        (PlannedDates(TODAY, date(2036, 3, 1)), []),
        (PlannedDates(TODAY, date(2036, 3, 2)), ["distant_date"]),
        (PlannedDates(TODAY), []),
    ],
)
def test_dates_that_cannot_do_their_work_are_told(dates, expected):
    assert [issue.code for issue in lint_dates(dates)] == expected
