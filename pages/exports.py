"""Exports of lists: CSV that no spreadsheet runs as a formula and no terminal obeys, and JSON."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

EXPORT_CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}

BYTE_ORDER_MARK = "\ufeff"
"""By which some spreadsheets know UTF-8."""

# What starts a formula in some spreadsheet: a sign, its full-width and small forms, the minus of typography.
_SIGNS = "=+@\\-\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
# Where a cell may begin that is read with another separator than ours.
_SEPARATORS = ",;|\t\r\n\v\f\x85\u2028\u2029\uff0c\uff1b"
# Blanks and quotation marks that a spreadsheet takes away in front of a formula.
_SKIPPED = ' "\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff'
_DANGER = f"'*[{_SKIPPED}]*[{_SIGNS}]"
_BEGINNING = f"(?:\\A|(?<=[{_SEPARATORS}]))"
# The apostrophe in front of a formula is doubled where one stands there already, so that there is a way back.
_ESCAPED = re.compile(rf"\A(?='*[\t\r\n\v\f])|{_BEGINNING}(?={_DANGER})")
_UNESCAPED = re.compile(rf"\A'(?='*[\t\r\n\v\f])|{_BEGINNING}'(?={_DANGER})")

# What a terminal obeys, and what turns the direction of text. Tabs and line feeds belong to texts.
_HIDDEN = re.compile("([\\\\]*)([\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])")
# What people wrote that reads like our own writing of such a character.
_LOOKS_HIDDEN = re.compile(r"([\\]+)(?=u\{[0-9A-F]{2,4}\})")
_SHOWN = re.compile(r"([\\]+)u\{([0-9A-F]{2,4})\}")


def escape_cell(value: object) -> str:
    r"""Return a value as a CSV cell that a spreadsheet shows and never runs, whatever separator it reads by.

    An apostrophe stands in front of what starts a formula, at the beginning and after every separator and line feed
    within. Numbers stay as they are: a minus in front of a number is no formula. Control characters and those that
    turn the direction of text are written so that people see them: `\u{1B}`, `\u{202E}`; backslashes in front of what
    reads like that are doubled.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    doubled = _LOOKS_HIDDEN.sub(r"\1\1", str(value))
    shown = _HIDDEN.sub(lambda found: f"{found[1] * 2}\\u{{{ord(found[2]):02X}}}", doubled)
    return _ESCAPED.sub("'", shown)


def unescape_cell(text: str) -> str:
    """Return what `escape_cell` was given: the way back for our own imports."""
    return _SHOWN.sub(_restored, _UNESCAPED.sub("", text))


def _restored(found: re.Match[str]) -> str:
    backslashes, code = len(found[1]), found[2]
    written = "\\" * (backslashes // 2)
    return f"{written}{chr(int(code, 16))}" if backslashes % 2 else f"{written}u{{{code}}}"


def export_response(
    kind: str,
    name: str,
    columns: Sequence[tuple[str, Callable[[Any], Any]]],
    rows: Iterable[Any],
    *,
    has_bom: bool = False,
) -> HttpResponse:
    """Answer rows as a file to keep. `kind` is a key of `EXPORT_CONTENT_TYPES`; `has_bom` marks CSV as UTF-8."""
    if kind == "json":
        records = [{heading: value(row) for heading, value in columns} for row in rows]
        content = json.dumps(records, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    else:
        buffer = io.StringIO()
        buffer.write(BYTE_ORDER_MARK if has_bom else "")
        writer = csv.writer(buffer)
        writer.writerow([heading for heading, _value in columns])
        writer.writerows([[escape_cell(value(row)) for _heading, value in columns] for row in rows])
        content = buffer.getvalue()
    return HttpResponse(
        content,
        content_type=EXPORT_CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
