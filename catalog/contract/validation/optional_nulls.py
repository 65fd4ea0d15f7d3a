"""Nulls of optional properties: JSON Schema calls them wrong, and many SDKs send them for what is not there."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

import jsonschema_rs

from catalog.contract.json.pointers import value_at
from catalog.contract.schema.subschemas import Tokens
from catalog.contract.validation.violation_paths import restore_keys

MAX_ROUNDS = 20
"""How often a value is validated to find its optional nulls. Where that does not settle it, none is one."""

_NOT_OF_THE_VALUE = frozenset(
    {"additionalProperties", "unevaluatedProperties", "falseSchema", "propertyNames", "required"}
)
"""Keywords that refuse a key, whatever its value, or miss one."""


class NullHandling(StrEnum):
    """What a null means for an optional property whose schema does not allow null."""

    ERROR = "error"  # as JSON Schema says: null is a value like any other
    WARNING = "warning"
    ABSENT = "absent"  # as if the property had not come


def find_optional_nulls(
    value: dict[str, Any],
    find_errors: Callable[[dict[str, Any]], Iterable[jsonschema_rs.ValidationError]],
    *,
    kind_of: Callable[[Tokens], str] | None = None,
) -> frozenset[Tokens]:
    """Return the steps to each null of an object, at any depth, that breaks a rule and that may as well not have come.

    So neither a null that its schema allows, nor one of a property that is required at that place: taking it away
    would break another rule. Entries of arrays are no properties. `find_errors` lists what the schema refuses in a
    value. Where it lists the first of it only, `kind_of` tells which nulls are of one kind: they are taken away
    together.
    """
    first_errors: set[tuple[Tokens, Tokens]] | None = None
    removed: frozenset[Tokens] = frozenset()
    kept: set[Tokens] = set()
    for _ in range(MAX_ROUNDS):
        current = without_paths(value, removed)
        errors = [(error, restore_keys(current, error.instance_path)) for error in _all_errors(find_errors(current))]
        keys = {(tokens, tuple(error.schema_path)) for error, tokens in errors}
        refused = {tokens for error, tokens in errors if _is_refused_null(error, current, tokens)}
        kept_now = _needed(errors, removed, first_errors or keys)
        first_errors = first_errors or keys
        if kept_now:
            kept |= kept_now
            removed -= kept_now
            continue
        if not (found := refused - kept):
            return removed
        if kind_of is not None:
            kinds = {kind_of(tokens) for tokens in found}
            found |= {tokens for tokens in _nulls(value) if kind_of(tokens) in kinds} - kept
        removed |= found
    return frozenset()


def without_paths(value: Any, paths: Iterable[Tokens]) -> Any:
    """Return a value without the members at these steps; what is not changed is shared, not copied."""
    by_key: dict[str | int, list[Tokens]] = {}
    for key, *rest in paths:
        by_key.setdefault(key, []).append(tuple(rest))
    if not by_key:
        return value
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    for key, rests in by_key.items():
        if () in rests:
            del changed[key]
        else:
            changed[key] = without_paths(changed[key], rests)
    return changed


def holds_null(value: Any) -> bool:
    """Tell whether an object, at any depth, has a member that is null."""
    return next(_nulls(value), None) is not None


def _nulls(value: Any) -> Iterator[Tokens]:
    """Return the steps to each member of an object that is null, in no order. Without recursion, however deep."""
    pending: list[tuple[Tokens, Any]] = [((), value)]
    while pending:
        tokens, container = pending.pop()
        is_object = isinstance(container, dict)
        for key, member in container.items() if is_object else enumerate(container):
            if member is None and is_object:
                yield (*tokens, key)
            elif isinstance(member, dict | list):
                pending.append(((*tokens, key), member))


def _all_errors(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
    """Return errors with those of the branches that they rest on (`anyOf`, `oneOf`)."""
    pending = list(errors)
    while pending:
        error = pending.pop()
        yield error
        for branch in error.kind.as_dict().get("context") or ():
            pending += branch


def _is_refused_null(error: jsonschema_rs.ValidationError, value: Any, tokens: Tokens) -> bool:
    return (
        error.kind.name not in _NOT_OF_THE_VALUE
        and bool(tokens)
        and value_at(value, tokens) is None
        and isinstance(value_at(value, tokens[:-1]), dict)
    )


def _needed(
    errors: Iterable[tuple[jsonschema_rs.ValidationError, Tokens]],
    removed: frozenset[Tokens],
    first_errors: set[tuple[Tokens, Tokens]],
) -> set[Tokens]:
    """Return what was taken away and is missed: by its name, or by a rule around it that held before."""
    needed: set[Tokens] = set()
    for error, tokens in errors:
        if error.kind.name == "required":
            missing = (*tokens, error.kind.as_dict()["property"])
            if missing in removed:
                needed.add(missing)
                continue
        if (tokens, tuple(error.schema_path)) not in first_errors:
            needed |= {each for each in removed if each[: len(tokens)] == tokens}
    return needed
