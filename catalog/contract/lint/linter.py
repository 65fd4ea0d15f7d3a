"""The lint: every rule of the table asked of one definition, or of the days of one request."""

from typing import Any

from catalog.contract.definition.definition_document import Document
from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, format_pointer, parse_pointer, path_label
from catalog.contract.lint.definition_subject import DefinitionSubject
from catalog.contract.lint.lint_rule import Authorship, LintIssue, LintMatch, LintRule, LintSeverity
from catalog.contract.lint.lint_tables import DATE_RULES, DEFINITION_RULES
from catalog.contract.lint.planned_dates import PlannedDates
from catalog.contract.lint.unmeetable_schemas import UNUSABLE_VALUE

MAX_ISSUES = 100
"""How many issues are listed."""

_DATE_LABELS = {"/review_by": "Review date", "/ends_on": "End date"}
_PARTS = {"schema": "properties"}


def lint_definition(
    document: Document, *, authorship: Authorship = Authorship.PERSON, parent: Document | None = None
) -> list[LintIssue]:
    """Return what the lint finds in a definition that has no problems (`find_problems`), the most severe first.

    What an importer brings is all notes, and so is what the version before (`parent`) has already: the same value at
    the same place. Proving stops where a definition is too large to prove all of it.
    """
    matches = _matches(document)
    old = set()
    if parent is not None and authorship is Authorship.PERSON and _has_more_than_notes(matches):
        old = {_key(rule, match) for rule, match in _matches(parent)}
    issues = {
        LintIssue(
            path=match.path,
            code=rule.code,
            severity=_severity(rule, authorship, is_old=_key(rule, match) in old),
            place=readable_place(match.path),
            detail=match.detail,
        )
        for rule, match in matches
    }
    severities = list(LintSeverity)
    return sorted(issues, key=lambda issue: (severities.index(issue.severity), issue))[:MAX_ISSUES]


def lint_dates(dates: PlannedDates) -> list[LintIssue]:
    """Return what the lint finds in the days that a request names."""
    return [
        LintIssue(
            path=match.path,
            code=rule.code,
            severity=rule.severity,
            place=_DATE_LABELS[match.path],
            detail=match.detail,
        )
        for rule in DATE_RULES
        for match in rule.check(dates)
    ]


def readable_place(path: str) -> str:
    """Return a pointer into a definition as people read it: `/schema/properties/total/maxlength` is `total`.

    The name of the property, in `products[].price`; what stands at no property is named by the pointer's own steps.
    """
    member, *tokens = parse_pointer(path) or [""]
    steps = [_PARTS.get(member, member)]
    position = 0
    while position < len(tokens):
        step = tokens[position]
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        if step == "properties" and following is not None:
            steps.append(following)
            position += 1
        elif step in ("items", "contains", "unevaluatedItems"):
            steps.append(ANY_INDEX)
        elif step in ("patternProperties", "$defs", "definitions", "dependentSchemas", "prefixItems"):
            steps += {"patternProperties": [UNKNOWN_KEY], "prefixItems": [ANY_INDEX]}.get(
                step, [step.removeprefix("$"), following or ""]
            )
            position += 1
        elif step == "additionalProperties" and following is not None:
            steps.append(UNKNOWN_KEY)
        position += 1
    return path_label(format_pointer(steps)) if len(steps) > 1 else ""


def _matches(document: Document) -> list[tuple[LintRule[DefinitionSubject], LintMatch]]:
    subject = DefinitionSubject(document)
    return [(rule, match) for rule in DEFINITION_RULES for match in rule.check(subject)]


def _has_more_than_notes(matches: list[tuple[LintRule[DefinitionSubject], LintMatch]]) -> bool:
    return any(rule.severity is not LintSeverity.NOTE for rule, _match in matches)


def _key(rule: LintRule[DefinitionSubject], match: LintMatch) -> tuple[str, str, bytes]:
    """Return what makes an issue the same in two versions. A value's place in its list does not count."""
    path = match.path.rpartition("/")[0] if rule is UNUSABLE_VALUE else match.path
    return rule.code, path, canonical_json(match.subject)


def _severity(rule: LintRule[Any], authorship: Authorship, *, is_old: bool) -> LintSeverity:
    return LintSeverity.NOTE if is_old or authorship is Authorship.IMPORTER else rule.severity
