"""How much work a schema can make of one value, found out before any value is held against it."""

from typing import Any

from catalog.contract.schema.subschemas import SAME_VALUE, Schema, Steps, children, resolve

MAX_WEIGHT = 20_000
"""How many subschemas a definition may have once every reference is written out."""

TOO_HEAVY = f"Written out, its references make more than {MAX_WEIGHT:,} schemas: use fewer."
ENDLESS = "A reference leads back to the same value, so it says nothing: remove it."
BRANCHING = "It refers to itself from two branches for the same value, which takes exponential time: use one."

_NO_VALUE = frozenset({"$defs", "definitions", "contentSchema"})


def overweight(root: Schema) -> str:
    """Return why a valid schema could keep the judge busy for ever, or an empty text.

    References are written out depth first, down to where one leads back to a schema that is being written
    out. That is endless where it leads back for the same value, and exponential where two of them lead from
    one schema back to it for the same member.
    """
    # Each entry: a schema, the steps to the value that it looks at, and the references that led to it.
    waiting: list[tuple[Schema, Steps, tuple[tuple[str, int, Steps], ...]]] = [(root, (), (("#", 0, ()),))]
    returns: set[tuple[int, Steps]] = set()
    weight = 0
    while waiting:
        schema, place, chain = waiting.pop()
        weight += 1
        if weight > MAX_WEIGHT:
            return TOO_HEAVY
        if not isinstance(schema, dict):
            continue
        reference = schema.get("$ref")
        if isinstance(reference, str):
            entered = next((link for link in chain if link[0] == reference), None)
            if entered is None:
                link = (reference, weight, place)
                waiting.append((resolve(root, reference) or True, place, (*chain, link)))
            elif entered[2] == place:
                return ENDLESS
            elif (entered[1], place) in returns:
                return BRANCHING
            else:
                returns.add((entered[1], place))
        waiting += [(child, place + _step(steps), chain) for steps, child in children(schema) if _counts(steps)]
    return ""


def _counts(steps: Steps) -> bool:
    return steps[0] not in _NO_VALUE


def _step(steps: Steps) -> Steps:
    """Return the step from a value to the one that a subschema looks at."""
    keyword: Any = steps[0]
    if keyword in SAME_VALUE or keyword == "dependentSchemas":
        return ()
    if keyword == "properties":
        return (f"/{steps[1]}",)
    return ("*",)  # an item, or a member that may bear any name
