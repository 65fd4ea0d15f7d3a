"""One part of an event (properties, traits or context) held against its schema."""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain, islice
from typing import Any

import jsonschema_rs
import orjson

from catalog.contract.json.pointers import ABSENT, pointer, value_at
from catalog.contract.json.sanitization import MAX_DEPTH, holds_more, nests_deeper, storable
from catalog.contract.json.text import json_text
from catalog.contract.schema.closed_schema import Closed, close
from catalog.contract.schema.definition_paths import definition_path
from catalog.contract.schema.rule_descriptions import expectation
from catalog.contract.schema.subschemas import Steps, everywhere, is_recursive
from catalog.contract.schema.validator import build
from catalog.contract.validation.verdict import Severity, Violation
from catalog.contract.validation.violation_paths import as_judged, located

MAX_VIOLATIONS = 1_000
"""How many violations of one part are listed; more change no verdict."""

MAX_LISTED = 5_000
"""Of a part that holds more values than this only the first violation is listed: the judge lists all or one."""

_JUDGED_DEPTH = MAX_DEPTH - 10  # the judge refuses a value of more than 255 levels
_Errors = Iterable[jsonschema_rs.ValidationError]
_UNKNOWN = ("additionalProperties", "unevaluatedProperties")
_NO_SUCH_PROPERTY = "no property of this name"
_PLAIN_JSON = f"plain JSON, nested at most {_JUDGED_DEPTH} levels deep"


class Part:
    """The rules for one part of an event, compiled."""

    __slots__ = (
        "_closed",
        "_closures",
        "_counts_evaluated",
        "_definition_path",
        "_is_recursive",
        "_judge",
        "name",
        "schema",
    )

    def __init__(self, name: str, schema: dict[str, Any], *, is_open: bool) -> None:
        closed = Closed(schema, {}) if is_open else close(schema)
        self.name = name
        self.schema = schema
        self._closures = {as_judged(steps): names for steps, names in closed.closures.items()}
        self._judge = build(schema)
        self._closed = build(closed.schema) if self._closures else self._judge
        self._is_recursive = is_recursive(schema)
        # Closing fails more values, and what failed counts as unevaluated: only where the schema itself asks
        # for that do its own errors differ from those of its closed reading.
        keywords = {keyword for _, each in everywhere(schema) if isinstance(each, dict) for keyword in each}
        self._counts_evaluated = not keywords.isdisjoint(("unevaluatedProperties", "unevaluatedItems"))
        self._definition_path = lru_cache(maxsize=1_000)(partial(definition_path, schema, below=f"/{name}"))

    def accepts(self, value: Any) -> bool:
        """Tell whether a value breaks no rule at all, warnings included. Never raises."""
        if value is None:
            value = {}
        if not isinstance(value, dict):
            return False
        try:
            return self._is_safe(value) and self._closed.is_valid(value)
        except ValueError:  # deeper than the judge goes, or text that UTF-8 cannot hold
            return False

    def violations(self, value: Any) -> list[Violation]:
        """Return what a value breaks, each once, in no order; nothing where `accepts` is true. Never raises."""
        if value is None:
            value = {}
        if not isinstance(value, dict):
            return [self._violation((), "type", expected="object", came=value)]
        found: list[Violation] = []
        try:
            errors, unknown = self._ask(value)
        except ValueError:
            found.append(self._violation((), "malformed", expected=_PLAIN_JSON, came=value))
            value = storable(value, max_depth=_JUDGED_DEPTH)
            errors, unknown = self._ask(value)
        told = chain.from_iterable(self._of_error(error, value) for error in errors)
        found += islice(told, MAX_VIOLATIONS - len(found))
        found += self._of_closures(unknown, value, has_errors=bool(found))[: MAX_VIOLATIONS - len(found)]
        return list(set(found))

    def _ask(self, value: dict[str, Any]) -> tuple[_Errors, _Errors]:
        """Return what the schema refuses and what its closed reading refuses.

        Raises ValueError for what the judge cannot take: depth, and text that UTF-8 cannot hold.
        """
        if not self._is_safe(value):
            raise ValueError("nested too deeply")
        if _is_large(value):
            return _first_error(self._judge, value), _first_error(self._closed, value) if self._closures else []
        if not self._closures:
            return self._judge.iter_errors(value), []
        closed = list(self._closed.iter_errors(value))
        if self._counts_evaluated:
            return self._judge.iter_errors(value), closed
        return [error for error in closed if tuple(error.schema_path) not in self._closures], closed

    def _is_safe(self, value: Any) -> bool:
        """Tell whether the judge's stack holds; a schema that refers to itself would go as deep as the value."""
        return not self._is_recursive or not nests_deeper(value, _JUDGED_DEPTH)

    def _of_error(self, error: jsonschema_rs.ValidationError, value: Any) -> Iterator[Violation]:
        steps = located(value, error.instance_path)
        rule = error.kind.name
        if rule in _UNKNOWN or _refuses_all_keys(error):
            for unknown in _unexpected(error, value):
                yield self._unknown(unknown, value, Severity.ERROR)
        elif rule == "required":
            rule = "dependentRequired" if error.schema_path[-1] == "dependentRequired" else rule
            missing = (*steps, error.kind.as_dict()["property"])
            yield self._violation(missing, rule, expected="a value", came=ABSENT)
        elif rule == "propertyNames":
            inner = error.kind.as_dict()["error"]
            steps = (*steps, inner.instance)
            expected = f"as its name, {expectation(inner.kind.name, inner.kind.as_dict())}"
            yield self._violation(steps, rule, expected=expected, came=value_at(value, steps))
        elif rule == "falseSchema" and steps and isinstance(steps[-1], str):
            yield self._unknown(steps, value, Severity.ERROR)
        elif rule == "falseSchema":
            rule = "items" if steps else "not"
            yield self._violation(steps, rule, expected="no such value", came=value_at(value, steps))
        else:
            expected = expectation(rule, error.kind.as_dict())
            yield self._violation(steps, rule, expected=expected, came=value_at(value, steps))

    def _of_closures(self, errors: _Errors, value: Any, *, has_errors: bool) -> list[Violation]:
        """Return a warning for each key that only the closed reading refuses.

        Where a value is wrong for another reason, the judge calls the whole object around it unevaluated: then
        only keys that the schema names nowhere are reported.
        """
        certain: list[Violation] = []
        doubtful: list[Violation] = []
        for error in errors:
            known = self._closures.get(tuple(error.schema_path))
            if known is None:
                continue
            for steps in _unexpected(error, value):
                warning = self._unknown(steps, value, Severity.WARNING)
                (doubtful if steps[-1] in known else certain).append(warning)
        return certain if certain or has_errors else doubtful

    def _unknown(self, steps: Steps, value: Any, severity: Severity) -> Violation:
        came = value_at(value, steps)
        return self._violation(steps, "unknown_property", expected=_NO_SUCH_PROPERTY, came=came, severity=severity)

    def _violation(
        self, steps: Steps, rule: str, *, expected: str, came: Any, severity: Severity = Severity.ERROR
    ) -> Violation:
        below = f"/{self.name}"
        return Violation(
            path=pointer(steps, below=below),
            definition_path=self._definition_path(steps),
            rule=rule,
            severity=severity,
            expected=expected,
            came="nothing" if came is ABSENT else json_text(came),
        )


def _is_large(value: dict[str, Any]) -> bool:
    """Tell whether a part holds too much to list all its violations. A value takes two bytes at least."""
    try:
        if len(orjson.dumps(value)) <= 2 * MAX_LISTED:
            return False
    except (orjson.JSONEncodeError, RecursionError):
        pass  # it holds what only the judge and Python can: count
    return holds_more(value, MAX_LISTED)


def _first_error(judge: jsonschema_rs.Validator, value: Any) -> _Errors:
    try:
        judge.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def _unexpected(error: jsonschema_rs.ValidationError, value: Any) -> list[Steps]:
    """Return the steps to each key that an object should not have.

    Where a schema names no property at all, the judge reports the object instead of its keys.
    """
    at = located(value, error.instance_path)
    keys = error.kind.as_dict().get("unexpected")
    if keys is None:
        holder = value_at(value, at)
        keys = holder if isinstance(holder, dict) else ()
    return [(*at, key) for key in islice(keys, MAX_VIOLATIONS)]


def _refuses_all_keys(error: jsonschema_rs.ValidationError) -> bool:
    """Tell the keyword `additionalProperties: false` from a property of that name whose schema is false."""
    is_keyword = error.kind.name == "falseSchema" and error.schema_path[-1] == "additionalProperties"
    is_property = error.schema_path[-2:-1] == ["properties"] and error.instance_path[-1:] == ["additionalProperties"]
    return is_keyword and not is_property
