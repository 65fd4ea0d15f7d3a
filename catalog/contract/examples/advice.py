"""What would do instead: for one broken rule, the value or the name that its definition asks for."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any

from catalog.contract.examples.nearest_alternative import describe_alternatives
from catalog.contract.examples.value_fit import ValueFit
from catalog.contract.examples.value_generation import FORMAT_EXAMPLES
from catalog.contract.json.equality import json_equal
from catalog.contract.json.pointers import ABSENT, parse_pointer, path_label, value_at, with_list_indices
from catalog.contract.json.text import json_text
from catalog.contract.normalized_event import Event
from catalog.contract.rules.unknown_property import UNKNOWN_PROPERTY
from catalog.contract.rules.violation import Violation
from catalog.contract.schema.rule_descriptions import describe_type
from catalog.contract.schema.subschemas import Schema, in_place_subschemas

MIN_SIMILARITY = 0.7
MAX_NAMES = 100
MAX_EXAMPLES = 20
MAX_QUOTED_LENGTH = 10_000
"""How long a text may be that is read as a list or an object which came in quotes."""

_WORDS_ONLY = frozenset({"title", "description", "examples", "default", "deprecated", "$comment"})
_SCALAR_TYPES = frozenset({"number", "integer", "boolean"})
_PLAIN_EXAMPLES = {"string": "text", "number": 1.5, "integer": 1, "boolean": True, "array": [], "object": {}}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def advise(violation: Violation, event: Event, schema: Schema | None, *, is_masked: bool = False) -> str:
    """Return a sentence that says what would do, or "" where there is nothing to say beyond what was expected.

    `schema` is that of the part of the event in which the violation lies; None where the definition has none. Of an
    event that is masked (`is_masked`) nothing is said that follows from values which may only stand for others. Never
    raises, and never takes longer than the schema and the value at hand ask for.
    """
    values: Any = event.as_json()
    part, *tokens = with_list_indices(values, parse_pointer(violation.path)) or [""]
    came = value_at(values, [part, *tokens])
    if came is None and not tokens:
        came = {}  # a part that did not come counts as an empty one
    if schema is None:
        return ""
    if not is_masked and (told := _advise_object(violation.rule, came, tokens, schema)):
        return told
    if not tokens:
        return _advise_container(came, {"object"}) if violation.rule == "type" else ""
    if violation.rule == UNKNOWN_PROPERTY.code:
        holder = value_at(values, [part, *tokens[:-1]])
        return _advise_name(violation.path, str(tokens[-1]), _names_at(schema, tokens[:-1]), holder)
    places = list(_schemas_at(schema, tokens))
    fit = ValueFit(schema, getattr(event, str(part), None), tokens)
    if violation.rule in ("required", "dependentRequired"):
        return _advise_missing(violation.path, tokens, places, value_at(values, [part, *tokens[:-1]]), schema, fit)
    is_null = came is None and violation.rule in _RULES_OF_VALUES
    if is_null and not _is_required(schema, tokens) and fit.may_be_left_out():
        return "Leave it out where there is no value."
    advisers = _ADVISERS.get(violation.rule, ())
    return next((text for adviser in advisers if (text := adviser(came, places, fit))), "")


def _advise_object(rule: str, came: Any, tokens: Sequence[str | int], schema: Schema) -> str:
    if rule not in ("anyOf", "oneOf"):
        return ""
    return describe_alternatives(rule, came, list(_schemas_at(schema, tokens)), schema)


def _advise_name(path: str, name: str, names: Sequence[str], holder: Any) -> str:
    label = path_label(path)
    if name in names:
        return f"{label} is not expected here: what describes it does not hold for this event."
    # A name that came as well is not the one that was meant.
    nearest = _nearest(name, [each for each in names if not (isinstance(holder, dict) and each in holder)])
    return f"{label} is not described. Did you mean “{nearest}”?" if nearest else f"{label} is not described."


def _advise_missing(
    path: str,
    tokens: Sequence[str | int],
    places: Sequence[dict[str, Any]],
    holder: Any,
    schema: Schema,
    fit: ValueFit,
) -> str:
    label = path_label(path)
    present = [key for key in holder if isinstance(key, str)] if isinstance(holder, dict) else []
    described = set(_names_at(schema, tokens[:-1]))
    if nearest := _nearest(str(tokens[-1]), [key for key in present if key not in described][:MAX_NAMES]):
        return f"{label} is missing. “{nearest}” came instead: is it that?"
    example = _example(places, fit)
    types = next((words for place in places if (words := _type_words(place))), "")
    asked = f": send {types}" if types else ""
    return f"{label} is missing{asked}{'' if example is ABSENT else f', such as {json_text(example, 80)}'}."


def _advise_time(came: Any, places: Sequence[dict[str, Any]], fit: ValueFit) -> str:
    """Return how a time or a day is written that came in another form than asked for."""
    formats = {place["format"] for place in places if isinstance(place.get("format"), str)}
    if not isinstance(came, str) or not formats & {"date-time", "date"}:
        return ""
    if "date-time" in formats and (moment := _read_time(came)):
        written = f"{moment.isoformat()}{'' if moment.tzinfo else 'Z'}"
        if fit.accepts(written):
            missing = "" if moment.tzinfo else "The offset from UTC is missing. In UTC it is written "
            return f"{missing or 'It is written '}{json_text(written)}."
    if "date" in formats and (found := _DATE.match(came)) and fit.accepts(found[0]):
        return f"Only the day is asked for: {json_text(found[0])}."
    return ""


def _read_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()) if len(text) <= 40 else None
    except ValueError:
        return None


def _advise_quotes(came: Any, places: Sequence[dict[str, Any]], fit: ValueFit) -> str:
    """Return the value without or with quotes, where the other one came."""
    if isinstance(came, str):
        plain = _plain_value(came)
        if isinstance(plain, list | dict):
            # Whatever else may be wrong inside it, it is no text.
            kind, name = ("array", "list") if isinstance(plain, list) else ("object", "object")
            is_asked_for = any(kind in _types(place) for place in places)
            return f"Send the {name} itself: it came as a text." if is_asked_for else ""
        return f"Send it without quotes: {json_text(plain, 60)}." if plain is not ABSENT and fit.accepts(plain) else ""
    if not isinstance(came, int | float):
        return ""
    text = json_text(came, 60)
    return f"Send it as a text, in quotes: {json_text(text)}." if fit.accepts(text) else ""


def _advise_whole_number(came: Any, places: Sequence[dict[str, Any]], fit: ValueFit) -> str:
    del fit
    is_asked_for = isinstance(came, float) and any("integer" in _types(place) for place in places)
    return "Send a whole number." if is_asked_for else ""


def _advise_type(came: Any, places: Sequence[dict[str, Any]], fit: ValueFit) -> str:
    del fit
    return _advise_container(came, {kind for place in places for kind in _types(place)})


def _advise_container(came: Any, types: set[str]) -> str:
    """Return what to send instead of the other empty container, which languages with one kind of both write."""
    if came == [] and "object" in types:
        return "Send {} where there is nothing in it: [] is a list."
    if came == {} and "array" in types:
        return "Send [] where there is nothing in it: {} is an object."
    return ""


def _advise_example(came: Any, places: Sequence[dict[str, Any]], fit: ValueFit) -> str:
    example = _example(places, fit)
    is_news = example is not ABSENT and not json_equal(example, came)
    return f"Such a value looks like {json_text(example, 80)}." if is_news else ""


def _advise_text(came: Any, places: Sequence[dict[str, Any]], fit: ValueFit) -> str:
    return _advise_example(came, places, fit).replace("value", "text", 1) if isinstance(came, str) else ""


def _plain_value(text: str) -> Any:
    """Return the number, truth value, list or object that a text spells; else ABSENT."""
    is_container = len(text) <= MAX_QUOTED_LENGTH and text.lstrip()[:1] in ("[", "{")
    try:
        value = json.loads(text if is_container else text.strip().lower() if len(text) <= 30 else "")
    except (ValueError, RecursionError):
        return ABSENT
    if isinstance(value, list | dict):
        return value
    if isinstance(value, float):
        return value if abs(value) < 1e300 else ABSENT
    return value if isinstance(value, int) else ABSENT


def _advise_option(came: Any, places: Sequence[dict[str, Any]], fit: ValueFit) -> str:
    if not isinstance(came, str):
        return ""
    options = [option for place in places for option in (*place.get("enum", ()), place.get("const"))]
    near = _near(came, [option for option in options[:MAX_NAMES] if isinstance(option, str)])
    return next((f"Did you mean {json_text(option)}?" for option in near if fit.accepts(option)), "")


_Adviser = Callable[[Any, Sequence[dict[str, Any]], ValueFit], str]
_RULES_OF_VALUES = frozenset({"type", "enum", "const", "anyOf", "oneOf"})

# What a rule such as `minimum` expects says enough. Of an alternative, whatever its rules are, any may say it.
_ADVISERS: dict[str, tuple[_Adviser, ...]] = {
    "format": (_advise_time, _advise_text),
    "type": (_advise_quotes, _advise_whole_number, _advise_type, _advise_time, _advise_example),
    **dict.fromkeys(("enum", "const"), (_advise_quotes, _advise_option)),
    **dict.fromkeys(("pattern", "not"), (_advise_example,)),
    **dict.fromkeys(("anyOf", "oneOf"), (_advise_quotes, _advise_time, _advise_option, _advise_type, _advise_example)),
}


def _is_required(schema: Schema, tokens: Sequence[str | int]) -> bool:
    """Tell whether a member is required, or an item has a place of its own, into which the next one would move."""
    token, holders = tokens[-1], _schemas_at(schema, tokens[:-1])
    if isinstance(token, int):
        return any(token < len(place.get("prefixItems", ())) for place in holders)
    return any(token in place.get("required", ()) for place in holders)


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
    return next(iter(_near(name, names)), "")


def _near(name: str, names: Iterable[str]) -> list[str]:
    """Return the few names most like one, whatever their case and separators, the nearest first."""
    by_folding = {_fold(candidate): candidate for candidate in names if candidate != name}
    return [by_folding[folded] for folded in get_close_matches(_fold(name), by_folding, n=3, cutoff=MIN_SIMILARITY)]


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


def _example(places: Sequence[dict[str, Any]], fit: ValueFit) -> Any:
    """Return a value that would do: one that the schemas name, or the plainest of a type; else ABSENT."""
    return next((value for value in islice(_examples(places), MAX_EXAMPLES) if fit.accepts(value)), ABSENT)


def _examples(places: Sequence[dict[str, Any]]) -> Iterator[Any]:
    for place in places:
        for named in (place.get("examples"), [place["const"]] if "const" in place else None, place.get("enum")):
            if isinstance(named, list):
                yield from named
        if isinstance(place.get("format"), str) and place["format"] in FORMAT_EXAMPLES:
            yield FORMAT_EXAMPLES[place["format"]]
    is_plain = len(places) == 1 and set(places[0]) <= {"type", *_WORDS_ONLY}
    for kind in (kind for place in places for kind in _types(place)):
        if kind in _PLAIN_EXAMPLES and (is_plain or kind in _SCALAR_TYPES):
            yield _PLAIN_EXAMPLES[kind]
