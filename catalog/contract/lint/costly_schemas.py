"""Schemas that cost too much of each event that they validate: large patterns, long lists, many subschemas."""

from collections.abc import Iterator

from catalog.contract.lint.definition_subject import DefinitionSubject, PartSubject
from catalog.contract.lint.lint_rule import LintMatch, LintRule, LintSeverity, LintText
from catalog.contract.schema.complexity_limit import pattern_places
from catalog.contract.schema.cost_limits import (
    MAX_BRANCHES,
    MAX_PATTERN_SIZE,
    MAX_PATTERN_SIZES,
    MAX_SUBSCHEMAS,
    count_subschemas,
    is_costly_pattern,
    long_lists,
    sum_pattern_sizes,
)

_LARGE_PATTERN = (
    f"A pattern has at most {MAX_PATTERN_SIZE:,} characters, also with its counts written out: a larger one slows the "
    "check of every event. Shorten it, or use maxLength or an enum."
)


def _check(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for part in subject.parts:
        yield from _check_schemas(part)
        yield from _check_whole(part)


def _check_schemas(part: PartSubject) -> Iterator[LintMatch]:
    for tokens, schema in part.schemas:
        for place, pattern in pattern_places(schema):
            if is_costly_pattern(pattern):
                yield LintMatch(path=part.path((*tokens, *place)), detail=_LARGE_PATTERN, subject=pattern)
        for keyword, count in long_lists(schema):
            detail = (
                f"{keyword} lists {count:,} schemas, more than {MAX_BRANCHES}, and each is tried on every event. "
                "Use an enum, or split the event."
            )
            yield LintMatch(path=part.path((*tokens, keyword)), detail=detail, subject=count)


def _check_whole(part: PartSubject) -> Iterator[LintMatch]:
    if (count := count_subschemas(part.root)) > MAX_SUBSCHEMAS:
        detail = (
            f"It holds {count:,} schemas, more than {MAX_SUBSCHEMAS:,}, and they slow the check of every event. "
            "Split the event, or describe properties that are alike by one patternProperties."
        )
        yield LintMatch(path=part.pointer, detail=detail, subject=count)
    if (size := sum_pattern_sizes(part.root)) > MAX_PATTERN_SIZES:
        detail = (
            f"Its patterns are {size:,} characters with counts and references written out, more than "
            f"{MAX_PATTERN_SIZES:,}, and they slow the check of every event. Shorten them, or use fewer."
        )
        yield LintMatch(path=part.pointer, detail=detail, subject=size)


TOO_COSTLY = LintRule(
    code="too_costly",
    severity=LintSeverity.ERROR,
    check=_check,
    text=LintText(
        what="A pattern so large, or schemas so many, that they slow the check of every event.",
        bad='{"type": "string", "pattern": "^([a-z]{1,60}-){1,60}$"}',
        good='{"type": "string", "pattern": "^([a-z]+-)+$", "maxLength": 3600}',
    ),
)
