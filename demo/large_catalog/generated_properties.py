"""The library of a generated catalog: properties with schemas of every usual kind."""

from dataclasses import dataclass
from random import Random
from typing import Any

from catalog.choices import Origin, Sensitivity
from catalog.contract import PropertySummary, fold_name, list_properties
from demo.large_catalog.word_lists import AREAS, ATTRIBUTES, CHOICE_WORDS, OBJECTS

MAX_PROPERTIES = len(AREAS) * len(OBJECTS) * len(ATTRIBUTES) * 9 // 10
"""How many names there are words for; some read alike and are left out."""

_SENSITIVE = {"contact": Sensitivity.PERSONAL, "text": Sensitivity.UNKNOWN}


@dataclass(frozen=True, slots=True)
class GeneratedProperty:
    """A library entry, with the lines that it gives a definition in which it stands at the top."""

    name: str
    description: str
    schema: dict[str, Any]
    sensitivity: Sensitivity
    origin: Origin
    lines: tuple[PropertySummary, ...]


def generate_properties(random: Random, count: int) -> list[GeneratedProperty]:
    """Return so many properties whose names all read differently, the same for the same `random`.

    Raises ValueError for more than `MAX_PROPERTIES`.
    """
    if count > MAX_PROPERTIES:
        raise ValueError(f"There are words for {MAX_PROPERTIES:,} properties, not for {count:,}.")
    found: dict[str, GeneratedProperty] = {}
    places = list(range(len(AREAS) * len(OBJECTS) * len(ATTRIBUTES)))
    random.shuffle(places)
    for place in places:
        if len(found) == count:
            break
        place, attribute = divmod(place, len(ATTRIBUTES))
        area, thing = divmod(place, len(OBJECTS))
        word, kind = ATTRIBUTES[attribute]
        name = f"{AREAS[area]}_{OBJECTS[thing]}_{word}"
        folded = fold_name(name)
        if folded not in found:
            found[folded] = _generate_property(random, name, kind, f"{OBJECTS[thing]} of the {AREAS[area]}", word)
    return list(found.values())


def _generate_property(random: Random, name: str, kind: str, thing: str, word: str) -> GeneratedProperty:
    description = f"The {word.replace('_', ' ')} of the {thing}."
    schema = _schema(random, kind) | {"description": description}
    document = {"name": "library", "call": "track", "schema": {"type": "object", "properties": {name: schema}}}
    return GeneratedProperty(
        name=name,
        description=description,
        schema=schema,
        sensitivity=_SENSITIVE.get(kind, Sensitivity.NONE),
        origin=random.choices(list(Origin), weights=[80, 12, *([4] * (len(Origin) - 2))])[0],
        lines=tuple(list_properties(document, with_examples=False)),
    )


def _schema(random: Random, kind: str) -> dict[str, Any]:
    """Return a schema of the values of a kind."""
    match kind:
        case "id":
            return {"type": "string", "minLength": 1, "maxLength": random.choice((36, 64))}
        case "text":
            return {"type": random.choice(("string", ["string", "null"])), "maxLength": random.choice((80, 200, 500))}
        case "choice":
            return {"type": "string", "enum": random.sample(CHOICE_WORDS, random.randint(3, 12))}
        case "count":
            return {"type": "integer", "minimum": 0, "maximum": random.choice((100, 10_000, 2**31))}
        case "amount":
            return {"type": "number", "minimum": 0}
        case "flag":
            return {"type": "boolean"}
        case "moment":
            return {"type": "string", "format": "date-time"}
        case "contact":
            return {"type": "string", "maxLength": 254}
        case "texts":
            return {"type": "array", "items": {"type": "string", "maxLength": 60}, "maxItems": 50}
        case _:
            line = {"id": _schema(random, "id"), "count": _schema(random, "count"), "state": _schema(random, "choice")}
            return {
                "type": "array",
                "items": {"type": "object", "properties": line, "required": ["id"]},
                "maxItems": 100,
            }
