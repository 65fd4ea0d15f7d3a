"""One event, property by property: expected beside received."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract import PropertyLine, Severity, for_source, json_text, properties_of
from catalog.contract.json.pointers import INDEX, UNKNOWN, tokens_of
from tracking.traffic.models import Sample

LINES_SHOWN = 200
VALUES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Side:
    """One property, expected beside received, in one event.

    `state` is ok, missing, absent (and may be), wrong, or extra for what the definition does not name; `told` says
    which rule is broken.
    """

    label: str
    type_label: str
    is_required: bool
    received: str
    state: str
    told: str = ""


def sides_of(sample: Sample) -> list[Side]:
    """Return a stored event beside the version that it was held against; what came alone where there was none."""
    if sample.version is None:
        return [_undefined(name, value) for name, value in _properties(sample).items()]
    lines = properties_of(for_source(sample.version.definition, sample.source.slug))[:LINES_SHOWN]
    return sides(lines, sample.event, sample.violations)


def sides(
    lines: Sequence[PropertyLine], event: Mapping[str, Any], violations: Iterable[Mapping[str, Any]]
) -> list[Side]:
    """Return one side for each line of a definition, then one for each place that is none of them and breaks a rule.

    Where one place breaks several rules, an error is told before a warning.
    """
    by_path: dict[str, Mapping[str, Any]] = {}
    for violation in sorted(violations, key=_is_warning):
        by_path.setdefault(str(violation.get("definition_path")), violation)
    known = {line.path for line in lines}
    strays = [_stray(found) for path, found in by_path.items() if path not in known]
    return [*(_side(line, event, by_path.get(line.path)) for line in lines), *strays]


def label_of(path: str) -> str:
    """Return a definition path as people say it: `/properties/products/*/sku` is `products › sku`."""
    steps = [step for step in tokens_of(path)[1:] if step != INDEX]
    return " › ".join("any key" if step == UNKNOWN else step for step in steps) or path


def values_at(value: Any, tokens: Sequence[str]) -> Iterable[Any]:
    """Yield every value of an event at a definition path."""
    if not tokens:
        yield value
        return
    token, rest = tokens[0], tokens[1:]
    if isinstance(value, list) and token == INDEX:
        for item in value:
            yield from values_at(item, rest)
    elif isinstance(value, dict) and token in value:
        yield from values_at(value[token], rest)
    elif isinstance(value, dict) and token == UNKNOWN:
        for inner in value.values():
            yield from values_at(inner, rest)


def _properties(sample: Sample) -> dict[str, Any]:
    found = sample.event.get("properties") or sample.event.get("traits")
    return found if isinstance(found, dict) else {}


def _undefined(name: str, value: Any) -> Side:
    return Side(name, "", False, json_text(value), "extra")


def _side(line: PropertyLine, event: Mapping[str, Any], violation: Mapping[str, Any] | None) -> Side:
    values = list(values_at(event, tokens_of(line.path)))
    received = ", ".join(json_text(value) for value in values[:VALUES_SHOWN])
    if len(values) > VALUES_SHOWN:
        received += f" and {len(values) - VALUES_SHOWN} more"
    if violation is not None:
        state, told = ("wrong" if values else "missing"), _told(violation)
    else:
        state, told = ("ok" if values else "missing" if line.is_required and line.depth == 0 else "absent"), ""
    return Side(label_of(line.path), line.type_label, line.is_required, received, state, told)


def _stray(violation: Mapping[str, Any]) -> Side:
    is_error = violation.get("severity") == Severity.ERROR
    label = str(violation.get("path") or "the event")
    return Side(label, "", False, str(violation.get("came") or ""), "wrong" if is_error else "extra", _told(violation))


def _is_warning(violation: Mapping[str, Any]) -> bool:
    return violation.get("severity") != Severity.ERROR


def _told(violation: Mapping[str, Any]) -> str:
    return f"{violation.get('rule')}: expected {violation.get('expected') or 'nothing'}"
