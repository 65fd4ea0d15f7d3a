"""Definitions of one property for the tests of the lint, and what it finds in them."""

from catalog.contract import find_problems, lint_definition


def document_with(schema, **members):
    document = {"name": "Order Completed", "schema": {"type": "object", "properties": {"p": schema}}} | members
    assert find_problems(document) == []
    return document


def found(schema, **options):
    return [(issue.code, issue.path.removeprefix("/schema/properties/p"), issue.severity) for issue in
            lint_definition(document_with(schema), **options)]  # fmt: skip


def codes(schema):
    return {code for code, _path, _severity in found(schema)}


def root_issues(schema):
    document = {"name": "Order Completed", "schema": {"type": "object"} | schema}
    assert find_problems(document) == []
    return [(issue.code, issue.path.removeprefix("/schema")) for issue in lint_definition(document)]
