"""Validation of one part of an event (properties, traits or context) against its schema."""

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import chain, islice
from typing import Any

import jsonschema_rs
import orjson
from msgspec import structs

from catalog.contract.json.pointers import ABSENT, format_pointer, value_at
from catalog.contract.json.sanitization import MAX_DEPTH, exceeds_depth, exceeds_value_count, sanitize
from catalog.contract.json.text import json_text
from catalog.contract.rules.malformed import MALFORMED
from catalog.contract.rules.unknown_property import UNKNOWN_PROPERTY
from catalog.contract.rules.violation import Severity, Violation
from catalog.contract.schema.closed_schema import ClosedSchema, close_schema
from catalog.contract.schema.definition_paths import definition_path, member_test
from catalog.contract.schema.rule_descriptions import describe_expectation
from catalog.contract.schema.subschemas import Tokens, is_recursive, walk_schema
from catalog.contract.schema.validator import build_validator
from catalog.contract.short_text_cache import MAX_CACHED_LENGTH
from catalog.contract.validation.optional_nulls import (
    NullHandling,
    find_optional_nulls,
    holds_null,
    without_paths,
)
from catalog.contract.validation.unevaluated import Consequence, find_consequences
from catalog.contract.validation.violation_paths import restore_keys, validator_path

MAX_VIOLATIONS = 1_000
"""How many violations of one part are listed; more change no verdict."""

MAX_VALUES_LISTED_IN_FULL = 5_000
"""Of a part that holds more values than this only the first violation is listed: the validator lists all or one."""

_MAX_VALIDATED_DEPTH = MAX_DEPTH - 10  # the validator refuses a value of more than 255 levels
_Errors = list[jsonschema_rs.ValidationError]
_CLOSING_KEYWORDS = ("additionalProperties", "unevaluatedProperties")
_EXPECTED_PLAIN_JSON = f"plain JSON, nested at most {_MAX_VALIDATED_DEPTH} levels deep"


class PartValidator:
    """The rules for one part of an event, compiled."""

    __slots__ = (
        "_cached_definition_path",
        "_closed_validator",
        "_closing_changes_errors",
        "_closing_locations",
        "_is_recursive",
        "_nulls",
        "_validator",
        "name",
        "schema",
    )

    def __init__(
        self, name: str, schema: dict[str, Any], *, is_open: bool, nulls: NullHandling = NullHandling.ERROR
    ) -> None:
        closed = ClosedSchema(schema, frozenset()) if is_open else close_schema(schema)
        self.name = name
        self.schema = schema
        self._nulls = nulls
        self._closing_locations = frozenset(map(validator_path, closed.closing_locations))
        self._validator = build_validator(schema)
        self._closed_validator = build_validator(closed.schema) if self._closing_locations else self._validator
        self._is_recursive = is_recursive(schema)
        self._closing_changes_errors = _closing_changes_errors(schema)
        self._cached_definition_path = lru_cache(maxsize=1_000)(partial(definition_path, schema, prefix=f"/{name}"))

    def accepts(self, value: Any) -> bool:
        """Tell whether a value breaks no rule at all, warnings included. Never raises."""
        if value is None:
            value = {}
        if not isinstance(value, dict):
            return False
        try:
            return self._is_depth_safe(value) and (
                self._closed_validator.is_valid(value)
                or (self._nulls is NullHandling.ABSENT and self._accepts_without_optional_nulls(value))
            )
        except ValueError:  # deeper than the validator goes, or text that UTF-8 cannot hold
            return False

    def violations(self, value: Any) -> list[Violation]:
        """Return what a value breaks, each once, in no order; nothing where `accepts` is true. Never raises.

        What it breaks by optional nulls alone counts as the contract handles them.
        """
        found = self._violations_of_schema(value)
        if self._nulls is NullHandling.ERROR or not found:
            return found
        optional_nulls = self.optional_nulls(value)
        if not optional_nulls:
            return found
        remaining = self._violations_of_schema(without_paths(value, optional_nulls))
        if self._nulls is NullHandling.ABSENT:
            return remaining
        broken_anyway = {(each.path, each.rule) for each in remaining}
        return remaining + [
            structs.replace(each, severity=Severity.WARNING)
            for each in found
            if each.rule != UNKNOWN_PROPERTY.code and (each.path, each.rule) not in broken_anyway
        ]

    def optional_nulls(self, value: Any) -> frozenset[Tokens]:
        """Return the steps to each null that breaks a rule and may as well not have come. Never raises.

        None for a value that the validator cannot take as it is. The same however the contract handles them.
        """
        try:
            if not isinstance(value, dict) or not holds_null(value) or not self._is_depth_safe(value):
                return frozenset()
            if _is_large(value):
                return find_optional_nulls(
                    value, partial(self._first_error, self._validator), kind_of=self._definition_path
                )
            return find_optional_nulls(value, self._validator.iter_errors)
        except ValueError:
            return frozenset()

    def _accepts_without_optional_nulls(self, value: dict[str, Any]) -> bool:
        optional_nulls = self.optional_nulls(value)
        return bool(optional_nulls) and self._closed_validator.is_valid(without_paths(value, optional_nulls))

    def _violations_of_schema(self, value: Any) -> list[Violation]:
        """Return what a value breaks where null is a value like any other."""
        if value is None:
            value = {}
        if not isinstance(value, dict):
            return [self._violation((), "type", expected="object", came=value)]
        found: list[Violation] = []
        try:
            errors, closed_errors = self._find_errors(value)
        except ValueError:
            found.append(self._violation((), MALFORMED.code, expected=_EXPECTED_PLAIN_JSON, came=value))
            value = sanitize(value, max_depth=_MAX_VALIDATED_DEPTH)
            errors, closed_errors = self._find_errors(value)
        consequences = find_consequences(errors, value, partial(member_test, self.schema))
        schema_violations = chain.from_iterable(
            self._violations_of_error(error, value, consequences) for error in errors
        )
        found += islice(schema_violations, MAX_VIOLATIONS - len(found))
        found += self._unknown_property_warnings(errors, closed_errors, value)[: MAX_VIOLATIONS - len(found)]
        return list(set(found))

    def _find_errors(self, value: dict[str, Any]) -> tuple[_Errors, _Errors]:
        """Return what the schema as written refuses, and what its closed reading refuses.

        Errors are those of the schema as written alone: closing changes what else the validator reports. Raises
        ValueError for what the validator cannot take: depth, and text that UTF-8 cannot hold.
        """
        if not self._is_depth_safe(value):
            raise ValueError("nested too deeply")
        if _is_large(value):
            return self._find_first_errors(value)
        if not self._closing_locations:
            return self._all_errors(self._validator, value), []
        closed_errors = self._all_errors(self._closed_validator, value)
        if self._closing_changes_errors:
            return self._all_errors(self._validator, value), closed_errors
        return [error for error in closed_errors if not self._is_closing(error)], closed_errors

    def _find_first_errors(self, value: dict[str, Any]) -> tuple[_Errors, _Errors]:
        """Return one error of each reading; all are listed only where the first is none that counts."""
        errors = self._first_error(self._validator, value)
        if not self._closing_locations:
            return errors, []
        closed_errors = self._first_error(self._closed_validator, value)
        if not errors and not any(map(self._is_closing, closed_errors)):
            closing = filter(self._is_closing, self._closed_validator.iter_errors(value))
            closed_errors = list(islice(closing, 1))
        return errors, closed_errors

    def _first_error(self, validator: jsonschema_rs.Validator, value: Any) -> _Errors:
        try:
            validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return self._all_errors(validator, value)[:1] if _is_mistaken(error, value) else [error]
        return []

    def _all_errors(self, validator: jsonschema_rs.Validator, value: Any) -> _Errors:
        errors = validator.iter_errors(value)
        if self._closing_changes_errors:
            return [error for error in errors if not _is_mistaken(error, value)]
        return list(errors)

    def _definition_path(self, tokens: Tokens) -> str:
        # Keys that nobody knows may be of any length: of long ones nothing is remembered.
        if any(isinstance(token, str) and len(token) > MAX_CACHED_LENGTH for token in tokens):
            return definition_path(self.schema, tokens, prefix=f"/{self.name}")
        return self._cached_definition_path(tokens)

    def _is_closing(self, error: jsonschema_rs.ValidationError) -> bool:
        """Tell whether an error comes from a keyword that closing added."""
        return tuple(error.schema_path) in self._closing_locations

    def _is_depth_safe(self, value: Any) -> bool:
        """Tell whether a value is not too deep for the validator's stack, where its schema refers to itself."""
        return not self._is_recursive or not exceeds_depth(value, _MAX_VALIDATED_DEPTH)

    def _violations_of_error(
        self, error: jsonschema_rs.ValidationError, value: Any, consequences: frozenset[Consequence]
    ) -> Iterator[Violation]:
        tokens = restore_keys(value, error.instance_path)
        rule = error.kind.name
        path = tuple(error.schema_path)
        if (path, tokens) in consequences:
            return
        if rule in _CLOSING_KEYWORDS or _refuses_all_keys(error):
            for unknown_tokens in _unexpected_keys(error, value):
                if (path, unknown_tokens) not in consequences:
                    yield self._unknown_property(unknown_tokens, value, Severity.ERROR)
        elif rule == "required":
            rule = "dependentRequired" if error.schema_path[-1] == "dependentRequired" else rule
            missing_tokens = (*tokens, error.kind.as_dict()["property"])
            yield self._violation(missing_tokens, rule, expected="a value", came=ABSENT)
        elif rule == "propertyNames":
            name_error = error.kind.as_dict()["error"]
            tokens = (*tokens, name_error.instance)
            expected = f"as its name, {describe_expectation(name_error.kind.name, name_error.kind.as_dict())}"
            yield self._violation(tokens, rule, expected=expected, came=value_at(value, tokens))
        elif rule == "falseSchema" and tokens and isinstance(tokens[-1], str):
            yield self._unknown_property(tokens, value, Severity.ERROR)
        elif rule == "falseSchema":
            rule = "items" if tokens else "not"
            yield self._violation(tokens, rule, expected="no such value", came=value_at(value, tokens))
        else:
            expected = describe_expectation(rule, error.kind.as_dict())
            yield self._violation(tokens, rule, expected=expected, came=value_at(value, tokens))

    def _unknown_property_warnings(self, errors: _Errors, closed_errors: _Errors, value: Any) -> list[Violation]:
        """Return a warning for each key that only the closed reading refuses.

        Without those that it calls unknown because a branch that describes them failed for another reason.
        """
        closing_errors = [error for error in closed_errors if self._is_closing(error)]
        if not closing_errors:
            return []
        consequences = find_consequences([*errors, *closed_errors], value, partial(member_test, self.schema))
        return [
            self._unknown_property(tokens, value, Severity.WARNING)
            for error in closing_errors
            for tokens in _unexpected_keys(error, value)
            if (tuple(error.schema_path), tokens) not in consequences
        ]

    def _unknown_property(self, tokens: Tokens, value: Any, severity: Severity) -> Violation:
        came = value_at(value, tokens)
        rule = UNKNOWN_PROPERTY
        return self._violation(tokens, rule.code, expected=rule.expected, came=came, severity=severity)

    def _violation(
        self, tokens: Tokens, rule: str, *, expected: str, came: Any, severity: Severity = Severity.ERROR
    ) -> Violation:
        prefix = f"/{self.name}"
        return Violation(
            path=format_pointer(tokens, prefix=prefix),
            definition_path=self._definition_path(tokens),
            rule=rule,
            severity=severity,
            expected=expected,
            came="nothing" if came is ABSENT else json_text(came),
        )


def _is_large(value: dict[str, Any]) -> bool:
    """Tell whether a part holds too much to list all its violations. A value takes two bytes at least."""
    try:
        if len(orjson.dumps(value)) <= 2 * MAX_VALUES_LISTED_IN_FULL:
            return False
    except (orjson.JSONEncodeError, RecursionError):
        pass  # orjson cannot encode it, though the validator can read it: count its values
    return exceeds_value_count(value, MAX_VALUES_LISTED_IN_FULL)


def _closing_changes_errors(schema: dict[str, Any]) -> bool:
    """Tell whether the closed reading of a schema reports other errors of the schema itself than its open reading.

    Closing fails more values, and what failed counts as unevaluated; what is under `not` is quoted, with the closed
    schema's own references; and beside `additionalProperties: false` the validator calls a member missing that is
    there (see `_is_mistaken`).
    """
    objects = [each for _, each in walk_schema(schema) if isinstance(each, dict)]
    return any(
        not each.keys().isdisjoint(("unevaluatedProperties", "unevaluatedItems", "not"))
        or not set(each.get("required", ())) <= each.get("properties", {}).keys()
        for each in objects
    )


def _is_mistaken(error: jsonschema_rs.ValidationError, value: Any) -> bool:
    """Tell whether the validator calls a member missing that is there.

    It does where `required` names a member that `properties` does not, and no other members may come; what it says
    beside that, and whether the value is valid, is right.
    """
    if error.kind.name != "required":
        return False
    container = value_at(value, restore_keys(value, error.instance_path))
    return isinstance(container, dict) and error.kind.as_dict()["property"] in container


def _unexpected_keys(error: jsonschema_rs.ValidationError, value: Any) -> list[Tokens]:
    """Return the steps to each key that an object should not have.

    Where a schema names no property at all, the validator reports the object instead of its keys.
    """
    tokens = restore_keys(value, error.instance_path)
    keys = error.kind.as_dict().get("unexpected")
    if keys is None:
        container = value_at(value, tokens)
        keys = container if isinstance(container, dict) else ()
    return [(*tokens, key) for key in islice(keys, MAX_VIOLATIONS)]


def _refuses_all_keys(error: jsonschema_rs.ValidationError) -> bool:
    """Tell `additionalProperties: false` and `propertyNames: false` from a property of that name that is false."""
    keyword = error.schema_path[-1]
    is_keyword = error.kind.name == "falseSchema" and keyword in ("additionalProperties", "propertyNames")
    is_property = error.schema_path[-2:-1] == ["properties"] and error.instance_path[-1:] == [keyword]
    return is_keyword and not is_property
