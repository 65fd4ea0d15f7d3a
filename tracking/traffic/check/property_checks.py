"""One event, property by property: expected and received."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract import PropertySummary, Severity, for_source, json_text, list_properties
from catalog.contract.json.pointers import parse_pointer, path_label, values_at
from tracking.traffic.models import Sample

MAX_LINES_SHOWN = 200
MAX_VALUES_SHOWN = 3
DESCRIBED_PARTS = frozenset({"properties", "context", "traits"})
"""The parts of an event that definitions describe."""


@dataclass(frozen=True, slots=True)
class PropertyCheck:
    """One property of one event: what was expected and what was received.

    `state` is ok, missing, absent (and may be), wrong, or extra for what the definition does not name; `message`
    says which rule is broken. `is_event_field` where the place is none that a definition describes, such as the time or
    the id of a person.
    """

    label: str
    type_label: str
    is_required: bool
    received: str
    state: str
    message: str = ""
    is_event_field: bool = False


def property_checks_of_sample(sample: Sample) -> list[PropertyCheck]:
    """Return a stored event compared with the version that it was validated against; only what came without one."""
    if sample.version is None:
        return [_undefined_property(name, value) for name, value in _properties(sample).items()]
    lines = list_properties(for_source(sample.version.definition, sample.source.slug))[:MAX_LINES_SHOWN]
    return check_properties(lines, sample.event, sample.violations)


def check_properties(
    lines: Sequence[PropertySummary], event: Mapping[str, Any], violations: Iterable[Mapping[str, Any]]
) -> list[PropertyCheck]:
    """Return one check for each line of a definition, then one for each place that is none of them and breaks a rule.

    Where one place breaks several rules, an error is shown before a warning.
    """
    by_path: dict[str, Mapping[str, Any]] = {}
    for violation in sorted(violations, key=_is_warning):
        by_path.setdefault(str(violation.get("definition_path")), violation)
    defined_paths = {line.path for line in lines}
    outside_definition = [
        _check_outside_definition(stray_violation)
        for path, stray_violation in by_path.items()
        if path not in defined_paths
    ]
    return [*(_property_check(line, event, by_path.get(line.path)) for line in lines), *outside_definition]


def _properties(sample: Sample) -> dict[str, Any]:
    properties = sample.event.get("properties") or sample.event.get("traits")
    return properties if isinstance(properties, dict) else {}


def _undefined_property(name: str, value: Any) -> PropertyCheck:
    return PropertyCheck(name, "", False, json_text(value), "extra")


def _property_check(
    line: PropertySummary, event: Mapping[str, Any], violation: Mapping[str, Any] | None
) -> PropertyCheck:
    values = list(values_at(event, parse_pointer(line.path)))
    received = ", ".join(json_text(value) for value in values[:MAX_VALUES_SHOWN])
    if len(values) > MAX_VALUES_SHOWN:
        received += f" and {len(values) - MAX_VALUES_SHOWN} more"
    if violation is not None:
        state, message = ("wrong" if values else "missing"), _violation_message(violation)
    else:
        has_value = any(value is not None for value in values) or (bool(values) and _allows_null(line))
        state, message = ("ok" if has_value else "missing" if line.is_required and line.depth == 0 else "absent"), ""
    return PropertyCheck(path_label(line.path), line.type_label, line.is_required, received, state, message)


def _allows_null(line: PropertySummary) -> bool:
    """Tell whether a null is a value of the property: where it is not and breaks no rule, it counts as absent."""
    return line.type_label == "any" or "null" in line.type_label.split()


def _check_outside_definition(violation: Mapping[str, Any]) -> PropertyCheck:
    is_error = violation.get("severity") == Severity.ERROR
    path = str(violation.get("path") or "")
    return PropertyCheck(
        path_label(path),
        "",
        False,
        str(violation.get("came") or ""),
        "wrong" if is_error else "extra",
        _violation_message(violation),
        next(iter(parse_pointer(path)), "") not in DESCRIBED_PARTS,
    )


def _is_warning(violation: Mapping[str, Any]) -> bool:
    return violation.get("severity") != Severity.ERROR


def _violation_message(violation: Mapping[str, Any]) -> str:
    return f"{violation.get('rule')}: expected {violation.get('expected') or 'nothing'}"
