"""From a definition document to the contract that events are held against."""

from typing import Any

from catalog.contract.definition.definition_document import Document, for_source, parts_of
from catalog.contract.definition.definition_problems import InvalidDefinition, problems
from catalog.contract.json.parse_errors import Fault
from catalog.contract.json.pointers import ABSENT, order_of, pointer, tokens_of, typed, value_at
from catalog.contract.json.text import cut, json_text
from catalog.contract.normalized_event import Event
from catalog.contract.schema.definition_paths import definition_path
from catalog.contract.validation.part_validator import Part
from catalog.contract.validation.verdict import CONFORMING, Judgement, Severity, Violation, judged

OPEN_PARTS = ("context",)
"""Parts to which SDKs add what they like: only what their schema spells out is refused there."""


class Contract:
    """What the events of one version (on one source) must keep to. Made by `compile`, never changed."""

    __slots__ = ("_parts",)

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self._parts = parts

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of an event that the definition speaks of, of `properties`, `context` and `traits`."""
        return tuple(part.name for part in self._parts)

    def check(self, event: Event) -> Judgement:
        """Return the verdict on an event, with every violation, sorted by path.

        Conforming where no violation is an error; a `malformed` violation, one for each fault of the event,
        is one. Properties, traits and context that did not come count as empty objects. Never raises,
        whatever JSON the event holds.
        """
        if self.is_valid_strictly(event):
            return CONFORMING
        malformed = [self._malformed(event, fault) for fault in event.faults]
        places = tuple(found.path for found in malformed)
        broken = [
            found
            for part in self._parts
            for found in part.violations(getattr(event, part.name))
            if not _is_below(found.path, places)
        ]
        return judged(tuple(sorted(malformed + broken, key=_order)))

    def is_valid_strictly(self, event: Event) -> bool:
        """Tell whether an event has no violation at all, warnings included. Never raises."""
        return not event.faults and all(part.accepts(getattr(event, part.name)) for part in self._parts)

    def _malformed(self, event: Event, fault: Fault) -> Violation:
        value: Any = event.as_json()
        first, *rest = typed(value, tokens_of(fault.pointer)) or [""]
        schema = next((part.schema for part in self._parts if part.name == first), None)
        came = value_at(value, [first, *rest])
        below = pointer([first]) if first else ""
        return Violation(
            path=fault.pointer,
            definition_path=definition_path(schema, rest, below=below),
            rule="malformed",
            severity=Severity.ERROR,
            expected=cut(f"JSON; {fault.reason}"),
            came="nothing" if came is ABSENT else json_text(came),
        )


def compile(document: Document, *, source: str | None = None) -> Contract:
    """Return the contract of a definition document, as it holds for one source.

    `source` is the slug by which `per_source` of the document knows it; a source without an entry, and None,
    get what holds for all. Raises InvalidDefinition with every problem where the document is not valid.
    """
    found = problems(document)
    if found:
        raise InvalidDefinition(found)
    parts = parts_of(for_source(document, source))
    return Contract(tuple(Part(name, schema, is_open=name in OPEN_PARTS) for name, schema in parts.items()))


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)


def _order(violation: Violation) -> tuple[tuple[str, ...], str, str, str]:
    return order_of(violation.path), violation.rule, violation.severity, violation.expected
