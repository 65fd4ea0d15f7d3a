"""The events of a generated catalog: names, words, and versions of their definitions."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random
from typing import Any, TypeVar

from catalog.choices import ChangeKind, Health, Kind, Status
from catalog.contract import fold_name
from demo.large_catalog.generated_properties import GeneratedProperty
from demo.large_catalog.word_lists import ACTIONS, AREAS, OBJECTS, REMARKS

MAX_EVENTS = len(AREAS) * len(OBJECTS) * len(ACTIONS) * 9 // 10
"""How many names there are words for; some read alike and are left out."""

PROPERTIES_OF_AN_EVENT = (4, 8, 11, 14, 24)
"""How many properties an event has, at the quarters of all events and at both ends."""

Choice = TypeVar("Choice")

_STATUSES = {Status.LIVE: 78, Status.PLANNED: 8, Status.DEPRECATED: 9, Status.RETIRED: 5}
_HEALTH = {Health.OK: 80, Health.WARNINGS: 9, Health.FAILING: 4, Health.UNKNOWN: 7}
_VERSIONS = {1: 70, 2: 18, 3: 7, 4: 3, 6: 2}


@dataclass(frozen=True, slots=True)
class GeneratedVersion:
    """A version: its number, document, properties with whether each is required, and how far it is from its parent."""

    number: tuple[int, int, int]
    document: dict[str, Any]
    properties: tuple[tuple[GeneratedProperty, bool], ...]
    change: ChangeKind


@dataclass(frozen=True, slots=True)
class GeneratedEvent:
    """An event with its versions, oldest first; `live` is the place of the live one, None where none is.

    `volume` counts a month; `quiet` is how long ago it arrived last, None where it never did; `age` is how long ago it
    was defined, `changed` how long ago it changed last.
    """

    name: str
    description: str
    kind: Kind
    tier: int
    status: Status
    health: Health
    live: int | None
    volume: int
    quiet: timedelta | None
    age: timedelta
    changed: timedelta
    versions: tuple[GeneratedVersion, ...]


def generate_events(random: Random, count: int, library: Sequence[GeneratedProperty]) -> Iterator[GeneratedEvent]:
    """Yield so many events whose names all read differently, the same for the same `random` and library.

    A few properties are used everywhere and most by a handful of events. Raises ValueError for more than `MAX_EVENTS`.
    """
    if count > MAX_EVENTS:
        raise ValueError(f"There are words for {MAX_EVENTS:,} events, not for {count:,}.")
    popularity = list(accumulate(1 / rank**0.7 for rank in range(1, len(library) + 1)))
    places = list(range(len(AREAS) * len(OBJECTS) * len(ACTIONS)))
    random.shuffle(places)
    folded_names: set[str] = set()
    for place in places:
        if len(folded_names) == count:
            return
        place, action = divmod(place, len(ACTIONS))
        area, thing = divmod(place, len(OBJECTS))
        name = f"{AREAS[area]} {OBJECTS[thing]} {ACTIONS[action]}".title()
        folded = fold_name(name)
        if folded not in folded_names:
            folded_names.add(folded)
            words = f"A person has {ACTIONS[action]} the {OBJECTS[thing]} of the {AREAS[area]}."
            yield _generate_event(random, name, f"{words} {random.choice(REMARKS)}", library, popularity)


def _generate_event(
    random: Random, name: str, description: str, library: Sequence[GeneratedProperty], popularity: list[float]
) -> GeneratedEvent:
    wanted = min(_number_of_properties(random), len(library))
    chosen: dict[str, GeneratedProperty] = {}
    for entry in random.choices(library, cum_weights=popularity, k=wanted * 2):
        chosen.setdefault(entry.name, entry)
    status = _weighted(random, _STATUSES)
    versions = _generate_versions(random, name, description, list(chosen.values())[:wanted])
    is_behind = len(versions) > 1 and random.random() < 0.1  # an approved version that is not live yet
    age = timedelta(minutes=random.randint(10_000, 1_500_000))
    volume = 0 if status is Status.PLANNED else int(10 ** random.uniform(0, 6.5))
    return GeneratedEvent(
        name=name,
        description=description,
        kind=random.choices((Kind.STANDARD, Kind.TEMPLATE, Kind.CONTAINER), weights=(95, 3, 2))[0],
        tier=random.choices((1, 2, 3), weights=(5, 25, 70))[0],
        status=status,
        health=_weighted(random, _HEALTH) if status is Status.LIVE else Health.UNKNOWN,
        live=None if status is Status.PLANNED else len(versions) - 1 - is_behind,
        volume=volume if status is Status.LIVE else volume // 50,
        quiet=None if volume == 0 else timedelta(seconds=int(random.paretovariate(0.8) * 20) % 5_000_000),
        age=age,
        changed=age * random.random() ** 2,
        versions=versions,
    )


def _generate_versions(
    random: Random, name: str, description: str, properties: list[GeneratedProperty]
) -> tuple[GeneratedVersion, ...]:
    """Return versions of which each has one property more than the one before it."""
    wanted = min(_weighted(random, _VERSIONS), len(properties))
    required = [random.random() < 0.4 for _ in properties]
    is_closed = random.random() < 0.15
    trigger = random.choice(REMARKS)
    versions: list[GeneratedVersion] = []
    number = (1, 0, 0)
    change = ChangeKind.MAJOR
    for place in range(wanted):
        count = len(properties) - (wanted - 1 - place)
        if versions:
            is_major = required[count - 1]
            number = (number[0] + 1, 0, 0) if is_major else (number[0], number[1] + 1, 0)
            change = ChangeKind.MAJOR if is_major else ChangeKind.MINOR
        rows = tuple(zip(properties[:count], required, strict=False))
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {entry.name: entry.schema for entry, _ in rows},
            "required": [entry.name for entry, is_required in rows if is_required],
        }
        if is_closed:
            schema["additionalProperties"] = False
        document = {"name": name, "call": "track", "kind": "standard", "description": description, "trigger": trigger}
        versions.append(GeneratedVersion(number, document | {"schema": schema}, rows, change))
    return tuple(versions)


def _number_of_properties(random: Random) -> int:
    """Return how many properties an event has: between two of the quarters, each as often."""
    quarter = random.randrange(len(PROPERTIES_OF_AN_EVENT) - 1)
    low, high = PROPERTIES_OF_AN_EVENT[quarter : quarter + 2]
    return math.floor(random.uniform(low, high + 1))


def _weighted(random: Random, weights: dict[Choice, int]) -> Choice:
    return random.choices(list(weights), weights=list(weights.values()))[0]
