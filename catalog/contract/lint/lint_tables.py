"""The tables of the lint. A new rule is a function in one of the files beside this one, a row here and a test."""

from typing import Any

from catalog.contract.lint.costly_schemas import TOO_COSTLY
from catalog.contract.lint.definition_subject import DefinitionSubject
from catalog.contract.lint.idle_keywords import IDLE_KEYWORD
from catalog.contract.lint.lint_rule import LintRule
from catalog.contract.lint.map_of_ids import MAP_OF_IDS
from catalog.contract.lint.planned_dates import DISTANT_DATE, END_DATE, REVIEW_DATE, PlannedDates
from catalog.contract.lint.unknown_words import FOREIGN_KEYWORD, UNKNOWN_FORMAT, UNKNOWN_KEYWORD, UNKNOWN_MEMBER
from catalog.contract.lint.unmeetable_schemas import (
    REQUIRED_UNDESCRIBED,
    UNSATISFIABLE,
    UNUSABLE_BRANCH,
    UNUSABLE_TYPE,
    UNUSABLE_VALUE,
)

DEFINITION_RULES: tuple[LintRule[DefinitionSubject], ...] = (
    TOO_COSTLY,
    UNKNOWN_KEYWORD,
    UNKNOWN_MEMBER,
    UNKNOWN_FORMAT,
    UNSATISFIABLE,
    REQUIRED_UNDESCRIBED,
    UNUSABLE_BRANCH,
    UNUSABLE_TYPE,
    UNUSABLE_VALUE,
    IDLE_KEYWORD,
    MAP_OF_IDS,
    FOREIGN_KEYWORD,
)
RULES_OF_COSTLY: tuple[LintRule[DefinitionSubject], ...] = (
    *(TOO_COSTLY, UNKNOWN_KEYWORD, UNKNOWN_MEMBER, UNKNOWN_FORMAT),
    *(IDLE_KEYWORD, FOREIGN_KEYWORD),
)
"""The rules that prove nothing, so that they end soon however much a definition holds."""

RULES_OF_VARIANTS: tuple[LintRule[DefinitionSubject], ...] = (
    *(UNSATISFIABLE, REQUIRED_UNDESCRIBED),
    *(UNUSABLE_BRANCH, UNUSABLE_TYPE, UNUSABLE_VALUE),
)
"""The rules that requiring or leaving out a property on some sources can break."""

DATE_RULES: tuple[LintRule[PlannedDates], ...] = (REVIEW_DATE, END_DATE, DISTANT_DATE)
LINT_RULES: tuple[LintRule[Any], ...] = (*DEFINITION_RULES, *DATE_RULES)
