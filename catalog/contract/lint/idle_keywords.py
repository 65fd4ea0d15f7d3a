"""Keywords that are known and still change nothing where they stand."""

from collections.abc import Iterator

from catalog.contract.json.text import json_text
from catalog.contract.lint.definition_subject import DefinitionSubject
from catalog.contract.lint.known_words import TYPES_BY_KEYWORD
from catalog.contract.lint.lint_rule import LintMatch, LintRule, LintSeverity, LintText
from catalog.contract.schema.validator import CHECKED_FORMATS

_PARTNERS = {"then": "if", "else": "if", "minContains": "contains", "maxContains": "contains"}
"""Keywords that say something only beside another one."""


def _check(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for part in subject.parts:
        for tokens, schema in part.schemas:
            types = schema.get("type")
            own_types = {types} if isinstance(types, str) else set(types or ())
            for keyword in schema:
                speaks_of = TYPES_BY_KEYWORD.get(keyword)
                if keyword == "format" and schema["format"] not in CHECKED_FORMATS:
                    continue
                if speaks_of and own_types and own_types.isdisjoint(speaks_of):
                    kinds = " or ".join(sorted(own_types))
                    detail = f"{json_text(keyword)} says nothing of {kinds}. Remove it, or change the type."
                    yield LintMatch(path=part.path((*tokens, keyword)), detail=detail, subject=schema[keyword])
                elif keyword in _PARTNERS and _PARTNERS[keyword] not in schema:
                    detail = f"{json_text(keyword)} says nothing without {_PARTNERS[keyword]}."
                    yield LintMatch(path=part.path((*tokens, keyword)), detail=detail, subject=schema[keyword])


IDLE_KEYWORD = LintRule(
    code="idle_keyword",
    severity=LintSeverity.WARNING,
    check=_check,
    text=LintText(
        what="A keyword that says nothing of values of this type, or nothing without another one.",
        bad='{"type": "integer", "maxLength": 3}',
        good='{"type": "integer", "maximum": 999}',
    ),
)
