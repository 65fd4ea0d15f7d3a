"""What is wrong with a definition, at its place in the body that brought it."""

from collections.abc import Iterable
from typing import Any

from rest_framework.settings import api_settings

from catalog.contract.definition.definition_problems import Problem
from catalog.contract.json.pointers import parse_pointer
from catalog.contract.lint.lint_rule import LintIssue


def errors_by_place(found: Iterable[Problem | LintIssue]) -> dict[str, Any]:
    """Return the errors of a definition document as a serializer has those of a nested body.

    So the pointer of each in the answer (RFC 9457) leads to the value that it tells of. What is wrong with a value and
    with something inside it stand beside each other. The sentences begin with the place in the definition.
    """
    errors: dict[str, Any] = {}
    for each in found:
        place = errors
        for token in parse_pointer(each.path):
            place = place.setdefault(token, {})
        place.setdefault(api_settings.NON_FIELD_ERRORS_KEY, []).append(f"{each.path}: {each.detail}")
    return errors
