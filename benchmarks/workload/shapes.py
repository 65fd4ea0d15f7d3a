"""The different properties that events of one definition have: many that conform, some with a null, some broken."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.load.plan import PASS
from benchmarks.workload.definitions import Document
from catalog.contract import Contract, Event, Verdict, compile_contract, part_schemas
from catalog.contract.examples.value_generation import generate_values

SHAPES = 64
"""How many different ones of each kind a definition has at most."""

BROKEN_SHARE = 1 / 20
NULL_SHARE = 1 / 50

Properties = dict[str, Any]

_WORDS = (
    "autumn", "basket", "cellar", "delta", "editor", "ferry", "garden", "harbour", "island", "jacket", "kettle",
    "lantern", "meadow", "needle", "orchard", "pepper", "quilt", "river", "saddle", "timber", "umbrella", "violet",
    "window", "yellow", "zebra", "Größe", "café", "naïve",
)  # fmt: skip
_TRIES = (1.0, 0.5, 0.3, 0.1)
"""How large a share of its values is replaced in an event; less where the definition refuses the result."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """The properties to choose from: `with_null` have a null where the definition names another type."""

    conforming: tuple[Properties, ...]
    with_null: tuple[Properties, ...]
    broken: tuple[Properties, ...]

    def choose(self, random: Random, *, broken_share: float = BROKEN_SHARE) -> Properties:
        """Return the properties of the next event; the kinds come in their shares."""
        chance = random.random()
        if chance < broken_share and self.broken:
            return random.choice(self.broken)
        if chance > 1 - NULL_SHARE and self.with_null:
            return random.choice(self.with_null)
        return random.choice(self.conforming or self.broken or ({},))


def make_shapes(document: Document, random: Random, *, count: int = SHAPES) -> Shapes:
    """Return what events of a definition look like, the same for the same seed."""
    contract = compile_contract(document)
    schema = part_schemas(document)["properties"]
    candidates = generate_values(schema, schema)
    random.shuffle(candidates)
    conforming: list[Properties] = []
    for value in candidates:
        if len(conforming) == count:
            break
        if _is_valid(contract, value):
            conforming.append(_varied(value, contract, random))
    broken, with_null = [], []
    for value in conforming[: count // 4]:
        changed = _with_null(value, schema, random)
        if changed is not None and not _is_valid(contract, changed):
            with_null.append(changed)
        broken += [each for each in _broken(value, schema, random) if _is_refused(contract, each)]
    return Shapes(tuple(conforming), tuple(with_null), tuple(broken))


def _is_valid(contract: Contract, properties: Any) -> bool:
    return isinstance(properties, dict) and contract.is_valid_strictly(Event(call="track", properties=properties))


def _is_refused(contract: Contract, properties: Properties) -> bool:
    return contract.check(Event(call="track", properties=properties)).verdict is Verdict.NONCONFORMING


def _varied(value: Properties, contract: Contract, random: Random) -> Properties:
    """Return the properties with other texts and numbers, as far as the definition leaves them open."""
    for share in _TRIES:
        changed: Properties = _replace(value, lambda: random.random() < share, random)  # noqa: B023  called at once
        if _is_valid(contract, changed):
            return changed
    return value


def _replace(value: Any, is_chosen: Callable[[], bool], random: Random) -> Any:
    if isinstance(value, dict):
        return {key: _replace(member, is_chosen, random) for key, member in value.items()}
    if isinstance(value, list):
        return [_replace(item, is_chosen, random) for item in value]
    if isinstance(value, bool) or value is None or not is_chosen():
        return value
    if isinstance(value, int):
        return random.randrange(10_000)
    if isinstance(value, float):
        return round(random.uniform(0, 1_000), 2)
    return _text(random) if value in ("text", "", "a", "A", "1") else value


def _text(random: Random) -> str:
    """Return a text; some are as unique as the ids and addresses of real events, anew in every pass."""
    if random.random() < 0.2:
        return f"{random.choice(_WORDS)}-{PASS.decode()}-{random.randrange(10_000)}"
    return " ".join(random.choice(_WORDS) for _ in range(random.randrange(1, 6)))


def _with_null(value: Properties, schema: dict[str, Any], random: Random) -> Properties | None:
    optional = [name for name in value if name not in schema.get("required", ())]
    return value | {random.choice(optional): None} if optional else None


def _broken(value: Properties, schema: dict[str, Any], random: Random) -> list[Properties]:
    """Return what breaks in practice: a wrong type, a text for a number, something that is missing."""
    names = list(schema["properties"])
    wrong = deepcopy(value)
    wrong[random.choice(names)] = {"broken": random.randrange(1_000)}
    found = [wrong]
    numbers = [name for name, member in value.items() if isinstance(member, int | float)]
    if numbers:
        name = random.choice(numbers)
        found.append(value | {name: str(value[name])})
    required = [name for name in schema.get("required", ()) if name in value]
    if required:
        missing = random.choice(required)
        found.append({name: member for name, member in value.items() if name != missing})
    return found
