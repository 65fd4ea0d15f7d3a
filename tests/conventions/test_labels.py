"""Labels and messages are words for people; a renamed class must not take them along."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.conventions.source_files import source_files

CLASS_NAME = re.compile(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b")
KEYWORDS = frozenset({"label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "placeholder"})
MESSAGE_FUNCTIONS = frozenset({"print_status", "success", "info", "warning", "error"})
PRODUCT_NAMES = frozenset({"RudderStack", "PostgreSQL", "GitHub", "JavaScript", "TypeScript"})


def shown_texts(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module that are labels of fields or messages."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        shown = [keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS]
        shown += node.args if name in MESSAGE_FUNCTIONS else []
        for value in shown:
            yield from (
                part.value for part in ast.walk(value) if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def class_names_in(text: str) -> list[str]:
    shown = " ".join(shown_texts(ast.parse(text)))
    return [name for name in CLASS_NAME.findall(shown) if name not in PRODUCT_NAMES]


def test_no_label_names_a_class() -> None:
    found = {str(path): names for path in source_files() if (names := class_names_in(path.read_text()))}
    assert found == {}, "Say it in words for people."


def test_one_that_did_would_be_found() -> None:
    assert class_names_in('Filter(label="RequestState", choices=RequestState.choices)') == ["RequestState"]
    assert class_names_in('print_status("StopRequested", "every process has ended")') == ["StopRequested"]
    assert class_names_in('messages.error(request, f"{error}: no UserId")') == ["UserId"]
    assert class_names_in('Filter(label="State of the request")') == []
