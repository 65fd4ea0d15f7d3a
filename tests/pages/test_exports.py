"""Exports leave as plain values, whatever people and SDKs wrote."""

import csv
import io
import json
from types import SimpleNamespace

import pytest

from pages.exports import escape_formula, export_response, unescape_formula

COLUMNS = (("name", lambda row: row.name), ("count", lambda row: row.count))


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "'=x", "plain", "", "Ünïcode"])
def test_a_cell_is_never_a_formula_and_finds_its_way_back(text: str) -> None:
    cell = escape_formula(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescape_formula(cell) == text


def test_numbers_stay_numbers() -> None:
    assert escape_formula(-3) == "-3"
    assert escape_formula(None) == ""


def test_csv_and_json_hold_the_same_rows() -> None:
    rows = [SimpleNamespace(name="=cmd()", count=2), SimpleNamespace(name='a"b,\nc', count=-1)]
    as_csv = export_response("csv", "events", COLUMNS, rows)
    parsed = list(csv.DictReader(io.StringIO(as_csv.content.decode())))
    assert [unescape_formula(row["name"]) for row in parsed] == ["=cmd()", 'a"b,\nc']
    assert as_csv["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert json.loads(export_response("json", "events", COLUMNS, rows).content) == [
        {"name": "=cmd()", "count": 2},
        {"name": 'a"b,\nc', "count": -1},
    ]
