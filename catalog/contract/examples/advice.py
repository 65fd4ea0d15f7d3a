"""What would do instead: for one broken rule, the value or the name that its definition asks for."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from catalog.contract.examples.value_generation import FORMAT_EXAMPLES
from catalog.contract.json.pointers import ABSENT, parse_pointer, path_label, value_at, with_list_indices
from catalog.contract.json.text import json_text
from catalog.contract.normalized_event import Event
from catalog.contract.rules.unknown_property import UNKNOWN_PROPERTY
from catalog.contract.rules.violation import Violation
from catalog.contract.schema.rule_descriptions import describe_type
from catalog.contract.schema.subschemas import Schema, in_place_subschemas

MIN_SIMILARITY = 0.7
MAX_NAMES = 100

_WORDS_ONLY = frozenset({"title", "description", "examples", "default", "deprecated", "$comment"})
_PLAIN_EXAMPLES = {"string": "text", "number": 1.5, "integer": 1, "boolean": True, "array": [], "object": {}}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def advise(violation: Violation, event: Event, schema: Schema | None) -> str:
    """Return a sentence that says what would do, or "" where there is nothing to say beyond what was expected.

    `schema` is that of the part of the event in which the violation lies; None where the definition has none. Never
    raises, and never takes longer than the schema and the value at hand ask for.
    """
    values: Any = event.as_json()
    part, *tokens = with_list_indices(values, parse_pointer(violation.path)) or [""]
    came = value_at(values, [part, *tokens])
    if schema is None:
        return ""
    if not tokens:
        return _advise_container(came, {"object"}) if violation.rule == "type" else ""
    if violation.rule == UNKNOWN_PROPERTY.code:
        return _advise_name(violation.path, str(tokens[-1]), _names_at(schema, tokens[:-1]))
    places = list(_schemas_at(schema, tokens))
    if violation.rule in ("required", "dependentRequired"):
        return _advise_missing(violation.path, tokens, places, value_at(values, [part, *tokens[:-1]]), schema)
    if violation.rule == "type" and came is None and not _is_required(schema, tokens):
        return "Leave it out where there is no value."
    adviser = _ADVISERS.get(violation.rule)
    return adviser(came, places) if adviser else ""


def _advise_name(path: str, name: str, names: Sequence[str]) -> str:
    label = path_label(path)
    nearest = _nearest(name, names)
    return f"{label} is not described. Did you mean “{nearest}”?" if nearest else f"{label} is not described."


def _advise_missing(
    path: str, tokens: Sequence[str | int], places: Sequence[dict[str, Any]], holder: Any, schema: Schema
) -> str:
    label = path_label(path)
    present = [key for key in holder if isinstance(key, str)] if isinstance(holder, dict) else []
    described = set(_names_at(schema, tokens[:-1]))
    if nearest := _nearest(str(tokens[-1]), [key for key in present if key not in described][:MAX_NAMES]):
        return f"{label} is missing. “{nearest}” came instead: is it that?"
    example = _example(places)
    types = next((words for place in places if (words := _type_words(place))), "")
    asked = f": send {types}" if types else ""
    return f"{label} is missing{asked}{'' if example is ABSENT else f', such as {json_text(example, 80)}'}."


def _advise_format(came: Any, places: Sequence[dict[str, Any]]) -> str:
    name = next((place["format"] for place in places if isinstance(place.get("format"), str)), "")
    looks_like = FORMAT_EXAMPLES.get(name, "")
    if not isinstance(came, str) or not looks_like:
        return ""
    if name == "date-time" and (dated := _with_offset(came)):
        return f"The offset from UTC is missing. In UTC it is written {json_text(dated)}."
    if name == "date" and (found := _DATE.match(came)):
        return f"Only the day is asked for: {json_text(found[0])}."
    return f"Such a text looks like {json_text(looks_like)}."


def _with_offset(came: str) -> str:
    """Return a time without an offset as the same time in UTC; "" for one that has an offset, or is no time."""
    try:
        moment = datetime.fromisoformat(came.strip()) if len(came) <= 40 else None
    except ValueError:
        return ""
    return "" if moment is None or moment.tzinfo is not None else f"{moment.isoformat()}Z"


def _advise_type(came: Any, places: Sequence[dict[str, Any]]) -> str:
    types = {kind for place in places for kind in _types(place)}
    if isinstance(came, str):
        if types & {"number", "integer", "boolean"} and (plain := _plain_value(came, types)) is not ABSENT:
            return f"Send it without quotes: {json_text(plain, 60)}."
    elif isinstance(came, int | float) and "string" in types:
        return f"Send it as a text, in quotes: {json_text(json_text(came, 60))}."
    elif isinstance(came, float) and "integer" in types:
        return "Send a whole number."
    return _advise_container(came, types) or _advise_example(came, places)


def _advise_container(came: Any, types: set[str]) -> str:
    """Return what to send instead of the other empty container, which languages with one kind of both write."""
    if came == [] and "object" in types:
        return "Send {} where there is nothing in it: [] is a list."
    if came == {} and "array" in types:
        return "Send [] where there is nothing in it: {} is an object."
    return ""


def _advise_example(came: Any, places: Sequence[dict[str, Any]]) -> str:
    example = _example(places)
    return "" if example in (ABSENT, came) else f"Such a value looks like {json_text(example, 80)}."


def _plain_value(text: str, types: set[str]) -> Any:
    """Return the number or truth value that a text spells, where it is of one of the types; else ABSENT."""
    try:
        value = json.loads(text.strip().lower() if len(text) <= 30 else "")
    except ValueError:
        return ABSENT
    if isinstance(value, bool):
        return value if "boolean" in types else ABSENT
    if isinstance(value, int) or (isinstance(value, float) and "number" in types and abs(value) < 1e300):
        return value if types & {"number", "integer"} else ABSENT
    return ABSENT


def _advise_option(came: Any, places: Sequence[dict[str, Any]]) -> str:
    if not isinstance(came, str):
        return ""
    options = [option for place in places for option in (*place.get("enum", ()), place.get("const"))]
    nearest = _nearest(came, [option for option in options[:MAX_NAMES] if isinstance(option, str)])
    return f"Did you mean {json_text(nearest)}?" if nearest else ""


def _advise_alternative(came: Any, places: Sequence[dict[str, Any]]) -> str:
    return _advise_option(came, places) or _advise_example(came, places)


# What a rule such as `minimum` expects says enough.
_ADVISERS: dict[str, Callable[[Any, Sequence[dict[str, Any]]], str]] = {
    "format": _advise_format,
    "type": _advise_type,
    "enum": _advise_option,
    "const": _advise_option,
    **dict.fromkeys(("pattern", "not"), _advise_example),
    **dict.fromkeys(("anyOf", "oneOf"), _advise_alternative),
}


def _is_required(schema: Schema, tokens: Sequence[str | int]) -> bool:
    return any(tokens[-1] in place.get("required", ()) for place in _schemas_at(schema, tokens[:-1]))


def _schemas_at(schema: Schema, tokens: Sequence[str | int]) -> Iterator[dict[str, Any]]:
    """Yield the schemas that hold for the value at the end of these keys and indices, where they are spelled out."""
    current = [schema]
    for token in tokens:
        inner: list[Schema] = []
        for place in _in_place(schema, current):
            if isinstance(token, int):
                prefix, items = place.get("prefixItems", ()), place.get("items")
                inner += [prefix[token]] if token < len(prefix) else [items] if isinstance(items, dict) else []
            elif token in place.get("properties", {}):
                inner.append(place["properties"][token])
        current = inner
    yield from _in_place(schema, current)


def _in_place(root: Schema, schemas: Iterable[Schema]) -> Iterator[dict[str, Any]]:
    for schema in schemas:
        for each in in_place_subschemas(root, schema):
            if isinstance(each, dict):
                yield each


def _names_at(schema: Schema, tokens: Sequence[str | int]) -> list[str]:
    names = dict.fromkeys(name for place in _schemas_at(schema, tokens) for name in place.get("properties", {}))
    return list(names)[:MAX_NAMES]


def _nearest(name: str, names: Iterable[str]) -> str:
    """Return the name most like one, whatever its case and separators; "" where none is."""
    by_folding = {_fold(candidate): candidate for candidate in names if candidate != name}
    found = get_close_matches(_fold(name), by_folding, n=1, cutoff=MIN_SIMILARITY)
    return by_folding[found[0]] if found else ""


def _fold(name: str) -> str:
    return "".join(character for character in name[:100].lower() if character.isalnum())


def _types(place: dict[str, Any]) -> list[str]:
    types = place.get("type", [])
    return [types] if isinstance(types, str) else [kind for kind in types if isinstance(kind, str)]


def _type_words(place: dict[str, Any]) -> str:
    types = _types(place)
    words = describe_type(" or ".join(types)) if types else ""
    article = "an" if types[:1] == ["object"] else "" if types[:1] == ["boolean"] else "a"
    return f"{article} {words[:1].lower()}{words[1:]}".strip() if words else ""


def _example(places: Sequence[dict[str, Any]]) -> Any:
    """Return a value that the schemas name themselves, or the plainest of a type with no further rule; else ABSENT."""
    for place in places:
        for named in (place.get("examples"), [place["const"]] if "const" in place else None, place.get("enum")):
            if isinstance(named, list) and named:
                return named[0]
        if isinstance(place.get("format"), str) and place["format"] in FORMAT_EXAMPLES and not place.get("pattern"):
            return FORMAT_EXAMPLES[place["format"]]
    if len(places) == 1 and _types(places[0]) and set(places[0]) <= {"type", *_WORDS_ONLY}:
        return _PLAIN_EXAMPLES.get(_types(places[0])[0], ABSENT)
    return ABSENT
