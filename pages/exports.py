"""Exports of lists: CSV that no spreadsheet runs as a formula, and JSON."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

EXPORT_CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}

# A cell that starts with one of these is run by spreadsheets. The apostrophe in front is
# doubled where a value starts with one itself, so that our own import can take it off again.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "'")


def escape_formula(value: object) -> str:
    """Return a value as a CSV cell that a spreadsheet shows and never runs.

    Numbers stay as they are: a minus in front of a number is no formula.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def unescape_formula(text: str) -> str:
    """Return what `escape_formula` was given: the way back for our own imports."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_PREFIXES) else text


def export_response(
    kind: str, name: str, columns: Sequence[tuple[str, Callable[[Any], Any]]], rows: Iterable[Any]
) -> HttpResponse:
    """Answer rows as a file to keep. `kind` is a key of `EXPORT_CONTENT_TYPES`."""
    if kind == "json":
        records = [{heading: value(row) for heading, value in columns} for row in rows]
        content = json.dumps(records, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    else:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow([heading for heading, _value in columns])
        writer.writerows([[escape_formula(value(row)) for _heading, value in columns] for row in rows])
        content = buffer.getvalue()
    return HttpResponse(
        content,
        content_type=EXPORT_CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
