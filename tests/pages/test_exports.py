"""Exports leave as plain values, whatever people and SDKs wrote."""

import csv
import io
import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from pages.exports import escape_cell, export_response, unescape_cell
from tests.factories.accounts import person

COLUMNS = (("name", lambda row: row.name), ("count", lambda row: row.count))


SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "−")
SEPARATORS = (",", ";", "|", "\t", "\n", "\r\n", "\u2028", "；")


def cells(text: str) -> list[str]:
    """Every cell that some spreadsheet may make of a text, without the blanks and marks that it takes away."""
    return [part.lstrip(' "\u00a0\u3000\ufeff\u200b') for part in re.split("[,;|\t\r\n\v\f\x85\u2028\u2029，；]", text)]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "text",
    [
        *("{}1+1", " {}1+1", '"{}1', "'{}x", "''{}x", "\u3000{}x", '" {}x'),
        *(f"a{separator}{{}}1" for separator in SEPARATORS),
        *(f"a{separator} {{}}1{separator}'{{}}2" for separator in SEPARATORS),
        *("\t{}x", "\r{}x", " \n{}x", "{0}{0}{0}", "{0},{0};{0}\n{0}", '";{}cmd()"'),
    ],
)
def test_a_cell_is_never_a_formula_and_finds_its_way_back(text: str, sign: str) -> None:
    text = text.replace("{0}", "{}").replace("{}", sign)
    cell = escape_cell(text)
    assert not [each for each in cells(cell) if each.startswith(SIGNS)]
    assert not cell.startswith(("\t", "\r", "\n"))
    assert unescape_cell(cell) == text


@pytest.mark.parametrize(
    "text", ["", "plain", "Ünïcode", "a-b", "1 + 1", "'tis", "2026-03-04", "https://a/?b=c", "x@y.example", "it's 'so'"]
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert escape_cell(text) == unescape_cell(text) == text


@given(st.text(alphabet="=+-@＝＠−'\" ,;|\t\r\n\va1\u3000\ufeff", max_size=12))
def test_any_text_finds_its_way_back_and_holds_no_formula(text: str) -> None:
    cell = escape_cell(text)
    assert unescape_cell(cell) == text
    assert not [each for each in cells(cell) if each.startswith(SIGNS)]


HIDDEN = "\x00\x08\x0b\x1b\x7f\x85\x9b\u061c\u200e\u202e\u2066\u2069"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a\x1b[31mb", r"a\u{1B}[31mb"),
        ("\u202egpj.exe", r"\u{202E}gpj.exe"),
        ("\x9b2J", r"\u{9B}2J"),
        (r"a\u{1B}", r"a\\u{1B}"),
        ("a\\\x1b", r"a\\\u{1B}"),
        ("\x1b=1+1", r"\u{1B}=1+1"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\u0645\u200c\u06cc \U0001f468\u200d\U0001f469", "\u0645\u200c\u06cc \U0001f468\u200d\U0001f469"),
    ],
)
def test_what_nobody_sees_is_shown_and_finds_its_way_back(text: str, cell: str) -> None:
    assert escape_cell(text) == cell
    assert unescape_cell(cell) == text


@given(st.text(alphabet=f"{HIDDEN}\\\\u{{}}012BE='+,\n", max_size=14))
def test_whatever_is_hidden_finds_its_way_back(text: str) -> None:
    cell = escape_cell(text)
    assert unescape_cell(cell) == text
    assert not set(cell) & set(HIDDEN)
    assert not [each for each in cells(cell) if each.startswith(SIGNS)]


def test_a_byte_order_mark_comes_where_it_is_asked_for() -> None:
    rows = [SimpleNamespace(name="Zürich", count=1)]
    plain = export_response("csv", "events", COLUMNS, rows).content
    assert export_response("csv", "events", COLUMNS, rows, has_bom=True).content == b"\xef\xbb\xbf" + plain
    as_json = export_response("json", "events", COLUMNS, rows, has_bom=True).content
    assert as_json == export_response("json", "events", COLUMNS, rows).content


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/events/", "/requests/", "/findings/", "/qa/", "/sources/", "/properties/"])
def test_lists_take_bom_and_their_buttons_ask_for_it(address: str, client_of: Callable[..., Client]) -> None:
    client = client_of(person())
    assert client.get(f"{address}?export=csv&bom=1").content.startswith(b"\xef\xbb\xbf")
    for plain in ("", "&bom=0", "&bom="):
        assert not client.get(f"{address}?export=csv{plain}").content.startswith(b"\xef")
    page = client.get(address).content.decode()
    assert "export=csv&amp;bom=1" in page
    assert "export=json&amp;bom" not in page


def test_numbers_stay_numbers() -> None:
    assert escape_cell(-3) == "-3"
    assert escape_cell(None) == ""


def test_csv_and_json_hold_the_same_rows() -> None:
    rows = [SimpleNamespace(name="=cmd()", count=2), SimpleNamespace(name='a"b,\nc', count=-1)]
    as_csv = export_response("csv", "events", COLUMNS, rows)
    parsed = list(csv.DictReader(io.StringIO(as_csv.content.decode())))
    assert [unescape_cell(row["name"]) for row in parsed] == ["=cmd()", 'a"b,\nc']
    assert as_csv["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert json.loads(export_response("json", "events", COLUMNS, rows).content) == [
        {"name": "=cmd()", "count": 2},
        {"name": 'a"b,\nc', "count": -1},
    ]
