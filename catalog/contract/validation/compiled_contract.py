"""From a definition document to the contract that events are validated against."""

from typing import Any

from msgspec import structs

from catalog.contract.definition.definition_document import Document, for_source, part_schemas
from catalog.contract.definition.definition_problems import InvalidDefinition, find_compile_problems
from catalog.contract.json.parse_errors import ParseError
from catalog.contract.json.pointers import (
    ABSENT,
    format_pointer,
    parse_pointer,
    value_at,
    with_list_indices,
)
from catalog.contract.json.text import json_text, truncate_text
from catalog.contract.normalized_event import Event
from catalog.contract.rules.event_rule import DeprecatedProperty
from catalog.contract.rules.malformed import MALFORMED
from catalog.contract.rules.violation import Severity, Violation, violation_sort_key
from catalog.contract.schema.cost_limits import MAX_MATCHING, largest_pattern
from catalog.contract.schema.definition_paths import definition_path
from catalog.contract.schema.deprecated_properties import deprecated_properties
from catalog.contract.validation.optional_nulls import NullHandling, without_paths
from catalog.contract.validation.part_validator import PartValidator
from catalog.contract.validation.verdict import CONFORMING, ValidationResult, result_from_violations

OPEN_PARTS = ("context",)
"""Parts to which SDKs add what they like: a key that their schema does not name is no violation there."""


class Contract:
    """What the events of one version (on one source) must conform to. Made by `compile_contract`, never changed."""

    __slots__ = ("_part_validators", "deprecated_properties", "longest_event")

    def __init__(self, parts: tuple[PartValidator, ...]) -> None:
        self._part_validators = parts
        self.deprecated_properties = tuple(
            DeprecatedProperty(part.name, path, format_pointer((part.name, *path)))
            for part in parts
            for path in deprecated_properties(part.schema)
        )
        """The properties that are called deprecated, which changes no verdict."""
        self.longest_event = MAX_MATCHING // max(1, *(largest_pattern(part.schema) for part in parts), 1)
        """How many bytes of JSON an event may have, for its patterns to be matched in some seconds at most."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of an event that the definition describes, among `properties`, `context` and `traits`."""
        return tuple(part.name for part in self._part_validators)

    def schema_of(self, part: str) -> dict[str, Any] | None:
        """Return the schema of a part, as it holds for the source; None where the definition describes no such part."""
        return next((validator.schema for validator in self._part_validators if validator.name == part), None)

    def check(self, event: Event) -> ValidationResult:
        """Return the verdict on an event, with every violation, sorted by path.

        Conforming where no violation is an error; a `malformed` violation, one for each parse error of the event,
        is one. Properties, traits and context that did not come count as empty objects. Never raises,
        whatever JSON the event holds.
        """
        if self.is_valid_strictly(event):
            return CONFORMING
        malformed = [self._malformed_violation(event, error) for error in event.parse_errors]
        malformed_paths = tuple(found.path for found in malformed)
        rule_violations = [
            found
            for part in self._part_validators
            for found in part.violations(getattr(event, part.name))
            if not _is_below(found.path, malformed_paths)
        ]
        return result_from_violations(tuple(sorted(malformed + rule_violations, key=violation_sort_key)))

    def is_valid_strictly(self, event: Event) -> bool:
        """Tell whether an event has no violation at all, warnings included. Never raises."""
        return not event.parse_errors and all(part.accepts(getattr(event, part.name)) for part in self._part_validators)

    def accepts_part(self, part: str, value: Any) -> bool:
        """Tell whether a part of an event has no violation, warnings included. Never raises."""
        return all(validator.accepts(value) for validator in self._part_validators if validator.name == part)

    def without_optional_nulls(self, event: Event) -> Event:
        """Return an event without the nulls that break a rule and may as well not have come; itself without any.

        So a property counts as seen where it had a value. Never raises.
        """
        changed = {
            part.name: without_paths(getattr(event, part.name), nulls)
            for part in self._part_validators
            if (nulls := part.optional_nulls(getattr(event, part.name)))
        }
        return structs.replace(event, **changed) if changed else event

    def _malformed_violation(self, event: Event, error: ParseError) -> Violation:
        value: Any = event.as_json()
        part_name, *tokens = with_list_indices(value, parse_pointer(error.pointer)) or [""]
        schema = next((part.schema for part in self._part_validators if part.name == part_name), None)
        came = value_at(value, [part_name, *tokens])
        prefix = format_pointer([part_name]) if part_name else ""
        return Violation(
            path=error.pointer,
            definition_path=definition_path(schema, tokens, prefix=prefix),
            rule=MALFORMED.code,
            severity=Severity.ERROR,
            expected=truncate_text(f"{MALFORMED.expected}; {error.reason}"),
            came="nothing" if came is ABSENT else json_text(came),
        )


def compile_contract(
    document: Document, *, source: str | None = None, nulls: NullHandling = NullHandling.ERROR
) -> Contract:
    """Return the contract of a definition document, as it holds for one source.

    `source` is the slug by which `per_source` of the document knows it; a source without an entry, and None,
    get what holds for all. `nulls` says what a null means for an optional property that does not allow it: it decides
    verdicts, never what two versions are to each other.
    Raises InvalidDefinition with every problem where the document is not valid.
    """
    found_problems = find_compile_problems(document)
    if found_problems:
        raise InvalidDefinition(found_problems)
    parts = part_schemas(for_source(document, source))
    return Contract(
        tuple(PartValidator(name, schema, is_open=name in OPEN_PARTS, nulls=nulls) for name, schema in parts.items())
    )


def _is_below(path: str, ancestors: tuple[str, ...]) -> bool:
    return any(path == ancestor or path.startswith(ancestor + "/") for ancestor in ancestors)
