"""The page about the lint says what the table says."""

from pathlib import Path

import pytest

from catalog.contract.lint.lint_tables import LINT_RULES

PAGE = Path(__file__).parents[3] / "docs" / "lint.md"


@pytest.mark.parametrize("rule", LINT_RULES, ids=lambda rule: rule.code)
def test_every_rule_stands_in_the_docs_as_it_is(rule):
    row = f"| `{rule.code}` | {rule.severity} | {rule.text.what} | `{rule.text.bad}` | `{rule.text.good}` |"
    assert row in PAGE.read_text().splitlines(), f"docs/lint.md needs this row:\n{row}"


def test_the_docs_have_no_rule_that_is_none():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert len(rows) == len(LINT_RULES)
