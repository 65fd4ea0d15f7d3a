"""The corpus: cases as JSON, so that another implementation could be held to them."""

import json
from pathlib import Path
from typing import Any

from catalog.contract import Event, ParseError

_FOLDER = Path(__file__).parent / "corpus"


def corpus(name: str) -> list[dict[str, Any]]:
    """Return the cases of one file of the corpus."""
    cases: list[dict[str, Any]] = json.loads((_FOLDER / f"{name}.json").read_text())
    return cases


def event_of(fields: dict[str, Any]) -> Event:
    """Return the event that a case spells out; a track call named x unless it says otherwise."""
    faults = tuple(ParseError(pointer, reason) for pointer, reason in fields.get("faults", ()))
    given = {name: value for name, value in fields.items() if name != "faults"}
    return Event(**({"call": "track", "event": "x"} | given | {"parse_errors": faults}))
