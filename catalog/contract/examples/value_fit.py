"""Whether a value would do at one place of an event, so that no advice names one that would not."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jsonschema_rs

from catalog.contract.json.pointers import ABSENT, value_at
from catalog.contract.schema.subschemas import Schema
from catalog.contract.schema.validator import build_validator
from catalog.contract.validation.violation_paths import restore_keys

MAX_NEIGHBOURS = 50
MAX_NEIGHBOUR_LENGTH = 100
"""What is looked at beside the place, since it may decide about it (the kind that an `if` asks for): plain values."""

MAX_LIST_INDEX = 100
MAX_REMEMBERED_VALIDATORS = 8

_LEFT_OUT = object()
"""Stands for the value of a place that an event does not have."""


class ValueFit:
    """Tells which values would do at one place of a part of an event."""

    def __init__(self, schema: Schema, part: Any, tokens: Sequence[str | int]) -> None:
        """`schema` and `part` are those of the part of the event; `tokens` lead to the place, which may not exist."""
        self._schema = schema
        self._part = part
        self._tokens = tuple(tokens)

    def accepts(self, value: Any) -> bool:
        """Tell whether the schema finds nothing wrong with a value there. Never raises.

        Where an alternative around the place fails as a whole, the schema says nothing of the place, and any value
        is accepted. What stands around the place is looked at as far as it is plain.
        """
        if not isinstance(self._schema, dict):
            return self._schema
        whole = self._with_value(self._part, 0, value)
        if whole is ABSENT:
            return False
        try:
            errors = _validator(SchemaKey(self._schema)).iter_errors(whole)
            return not any(self._is_inside(restore_keys(whole, error.instance_path)) for error in errors)
        except (ValueError, jsonschema_rs.ReferencingError):  # deeper than the validator goes, or half a character
            return False

    def may_be_left_out(self) -> bool:
        """Tell whether the schema finds nothing wrong that it did not find before, where the place is empty instead.

        Never raises. What stands around the place is looked at as far as it is plain.
        """
        if not isinstance(self._schema, dict) or not self._tokens:
            return False
        before, after = (self._with_value(self._part, 0, value) for value in (None, _LEFT_OUT))
        try:
            validator = _validator(SchemaKey(self._schema))
            known = {(error.kind.name, tuple(error.instance_path)) for error in validator.iter_errors(before)}
            return all((error.kind.name, tuple(error.instance_path)) in known for error in validator.iter_errors(after))
        except (ValueError, jsonschema_rs.ReferencingError):
            return False

    def _is_inside(self, tokens: Sequence[str | int]) -> bool:
        return tuple(tokens[: len(self._tokens)]) == self._tokens

    def _with_value(self, container: Any, depth: int, value: Any) -> Any:
        """Return what stands at a step with the value put at the end of the steps; ABSENT where that is too far."""
        if depth == len(self._tokens):
            return value
        token = self._tokens[depth]
        inner = self._with_value(value_at(container, [token]), depth + 1, value)
        if inner is ABSENT or (isinstance(token, int) and token > MAX_LIST_INDEX):
            return ABSENT
        if inner is _LEFT_OUT:
            if isinstance(token, int):
                following = container[token + 1 : MAX_LIST_INDEX] if isinstance(container, list) else []
                return [*_plain_items(container, token), *_plain_items(following, len(following))]
            return {key: member for key, member in _plain_members(container).items() if key != token}
        if isinstance(token, int):
            return [*_plain_items(container, token), inner]
        return _plain_members(container) | {token: inner}


def _plain_items(container: Any, count: int) -> list[Any]:
    items = container[:count] if isinstance(container, list) else []
    return [item if _is_plain(item) else None for item in (*items, *[None] * (count - len(items)))]


def _plain_members(container: Any) -> dict[str, Any]:
    members = list(container.items())[:MAX_NEIGHBOURS] if isinstance(container, dict) else []
    return {key: member for key, member in members if isinstance(key, str) and _is_plain(member)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_NEIGHBOUR_LENGTH
    return value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**63)


class SchemaKey:
    """A schema as it is told from others: by being the same object, which the key keeps."""

    __slots__ = ("schema",)

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SchemaKey) and other.schema is self.schema

    def __hash__(self) -> int:
        return id(self.schema)


@lru_cache(maxsize=MAX_REMEMBERED_VALIDATORS)
def _validator(key: SchemaKey) -> jsonschema_rs.Validator:
    """Return the validator of a schema, remembered for the many questions about the events of one body."""
    return build_validator(key.schema)
