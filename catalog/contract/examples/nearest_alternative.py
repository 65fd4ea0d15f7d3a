"""What an object lacks for the alternative of an anyOf or oneOf that it was meant to be."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs

from catalog.contract.examples.value_fit import SchemaKey
from catalog.contract.json.equality import json_equal
from catalog.contract.json.text import json_text, truncate_text
from catalog.contract.schema.rule_descriptions import describe_expectation, list_values
from catalog.contract.schema.subschemas import Schema, unconditional_subschemas
from catalog.contract.schema.validator import build_validator
from catalog.contract.validation.violation_paths import restore_keys

MAX_ALTERNATIVES = 50
MAX_REASONS = 3
MAX_ERRORS = 50
MAX_TEXT = 300
MAX_REMEMBERED_VALIDATORS = 200

_DEFINITIONS = ("$defs", "definitions")
_Errors = list[jsonschema_rs.ValidationError]


def describe_alternatives(rule: str, came: Any, places: Sequence[dict[str, Any]], root: Schema) -> str:
    """Return a sentence on the alternatives of a value that fits none of an anyOf, or not one of a oneOf; or "".

    - It fits several where one is asked for: that it does.
    - It is an object that has the values by which one alternative is told from the others (`kind: card`): what it
      lacks for that one.
    - It has another value there, or none: which ones there are.
    - It is an object that only lacks something for each alternative, and nothing tells these apart: what that is.

    `places` are the schemas that hold for the value, `root` is what their references refer to. Never raises.
    """
    for place in places:
        branches: list[Schema] = place.get(rule, [])[:MAX_ALTERNATIVES]
        if not branches:
            continue
        try:
            errors = [_first_errors(root, branch, came) for branch in branches]
        except (ValueError, jsonschema_rs.ReferencingError):
            return ""  # a reference leads to where only the whole schema is, or the value is too deep
        fitting = sum(not found for found in errors)
        if rule == "oneOf" and fitting > 1:
            return f"It fits {fitting} of the alternatives, and exactly one is asked for."
        if not fitting and isinstance(came, dict):
            return truncate_text(_describe_nearest(root, branches, errors, came), MAX_TEXT)
    return ""


def _describe_nearest(
    root: Schema,
    branches: Sequence[Schema],
    errors: Sequence[list[jsonschema_rs.ValidationError]],
    came: dict[str, Any],
) -> str:
    marks = [_marks(root, branch) for branch in branches]
    names = [name for name in marks[0] if all(name in each for each in marks)]
    told_apart = next((name for name in names if len(marks) > 1 and _are_distinct([each[name] for each in marks])), "")
    if not told_apart:
        return _describe_missing(errors)
    options = [option for each in marks for option in each[told_apart]]
    if told_apart not in came:
        return f"{told_apart} is missing, by which the alternatives are told apart: {list_values(options)}."
    value = came[told_apart]
    chosen = [
        index for index, each in enumerate(marks) if any(json_equal(value, option) for option in each[told_apart])
    ]
    if len(chosen) != 1:
        return f"{told_apart} is none of those by which the alternatives are told apart: {list_values(options)}."
    reasons = sorted({_reason(error, came) for error in errors[chosen[0]]})
    return f"With {told_apart} {json_text(value, 40)}: {'; '.join(reasons[:MAX_REASONS])}."


def _describe_missing(errors: Sequence[list[jsonschema_rs.ValidationError]]) -> str:
    """Return what an object lacks for each alternative; "" where something else is wrong for one of them."""
    if not all(error.kind.name == "required" and not error.instance_path for each in errors for error in each):
        return ""
    names = [[_label((error.kind.as_dict()["property"],)) for error in each] for each in errors]
    groups = list(dict.fromkeys(" and ".join(each) for each in names))
    return f"One of these is missing: {'; '.join(groups)}." if len(groups) > 1 else f"{groups[0]} is missing."


def _marks(root: Schema, branch: Schema) -> dict[str, list[Any]]:
    """Return the values that an alternative names for its properties, by which it may be told from the others."""
    found: dict[str, list[Any]] = {}
    for each in unconditional_subschemas(root, branch):
        for name, described in each.get("properties", {}).items():
            for inner in unconditional_subschemas(root, described):
                named = [inner["const"]] if "const" in inner else inner.get("enum", [])
                if named:
                    found.setdefault(name, named)
    return found


def _are_distinct(options: Sequence[Sequence[Any]]) -> bool:
    texts = [json_text(option) for each in options for option in each]
    return len(texts) == len(set(texts))


def _first_errors(root: Schema, branch: Schema, came: Any) -> _Errors:
    if not isinstance(root, dict) or not isinstance(branch, dict):
        raise ValueError("nothing is told of an alternative that says nothing")
    return list(islice(_validator(SchemaKey(root), SchemaKey(branch)).iter_errors(came), MAX_ERRORS))


@lru_cache(maxsize=MAX_REMEMBERED_VALIDATORS)
def _validator(root: SchemaKey, branch: SchemaKey) -> jsonschema_rs.Validator:
    """Return the validator of one alternative, remembered for the many questions about the events of one body."""
    definitions = {keyword: root.schema[keyword] for keyword in _DEFINITIONS if keyword in root.schema}
    return build_validator({"allOf": [branch.schema], **definitions})


def _reason(error: jsonschema_rs.ValidationError, came: dict[str, Any]) -> str:
    details = error.kind.as_dict()
    path = restore_keys(came, error.instance_path)
    if error.kind.name == "required":
        return f"{_label((*path, details['property']))} is missing"
    if error.kind.name in ("additionalProperties", "unevaluatedProperties") and details.get("unexpected"):
        return f"{_label((*path, details['unexpected'][0]))} is not described there"
    expected = describe_expectation(error.kind.name, details)
    return f"{_label(path)} is to be {expected}" if path else f"it is to be {expected}"


def _label(tokens: Sequence[str | int]) -> str:
    return "".join(_steps(tokens))


def _steps(tokens: Sequence[str | int]) -> Iterator[str]:
    for position, token in enumerate(tokens):
        yield f"[{token}]" if isinstance(token, int) else f"{'.' if position else ''}{token}"
