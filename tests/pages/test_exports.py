"""Exports leave as plain values, whatever people and SDKs wrote."""

import csv
import io
import json
from types import SimpleNamespace

import pytest

from pages.exports import export, plain_cell, safe_cell

COLUMNS = (("name", lambda row: row.name), ("count", lambda row: row.count))


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "'=x", "plain", "", "Ünïcode"])
def test_a_cell_is_never_a_formula_and_finds_its_way_back(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain_cell(cell) == text


def test_numbers_stay_numbers() -> None:
    assert safe_cell(-3) == "-3"
    assert safe_cell(None) == ""


def test_csv_and_json_hold_the_same_rows() -> None:
    rows = [SimpleNamespace(name="=cmd()", count=2), SimpleNamespace(name='a"b,\nc', count=-1)]
    as_csv = export("csv", "events", COLUMNS, rows)
    parsed = list(csv.DictReader(io.StringIO(as_csv.content.decode())))
    assert [plain_cell(row["name"]) for row in parsed] == ["=cmd()", 'a"b,\nc']
    assert as_csv["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert json.loads(export("json", "events", COLUMNS, rows).content) == [
        {"name": "=cmd()", "count": 2},
        {"name": 'a"b,\nc', "count": -1},
    ]
