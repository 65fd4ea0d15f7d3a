"""The lint of what somebody else wrote: an importer, or whoever wrote the version before."""

from catalog.contract import Authorship, LintSeverity, lint_definition
from tests.contract.lint.linted_definitions import document_with, found

E, W, N = LintSeverity.ERROR, LintSeverity.WARNING, LintSeverity.NOTE


def test_what_an_importer_brings_is_all_notes():
    schema = {"type": "string", "maxlength": 3, "enum": [1], "format": "url"}
    assert {severity for _code, _path, severity in found(schema, authorship=Authorship.IMPORTER)} == {N}
    assert {code for code, _path, _severity in found(schema, authorship=Authorship.IMPORTER)} == {
        "unknown_keyword", "unknown_format", "unsatisfiable"
    }  # fmt: skip


def test_what_the_version_before_has_already_is_a_note_until_it_is_touched():
    parent = document_with({"type": "string", "maxlength": 3})
    assert found({"type": "string", "maxlength": 3, "description": "Words."}, parent=parent) == [
        ("unknown_keyword", "/maxlength", N)
    ]
    assert found({"type": "string", "maxlength": 4}, parent=parent) == [("unknown_keyword", "/maxlength", E)]
    assert found({"type": "string", "maxlength": 3, "minlength": 1}, parent=parent) == [
        ("unknown_keyword", "/minlength", E),
        ("unknown_keyword", "/maxlength", N),
    ]


def test_a_value_that_moves_in_its_list_is_as_old_as_it_was():
    parent = document_with({"type": "string", "enum": ["a", 1]})
    assert found({"type": "string", "enum": [1, "a", "b"]}, parent=parent) == [("unusable_value", "/enum/0", N)]
    assert found({"type": "string", "enum": [1, "a", 2]}, parent=parent) == [
        ("unusable_value", "/enum/2", W),
        ("unusable_value", "/enum/0", N),
    ]


def test_the_same_defect_on_a_second_property_is_new():
    parent = {"name": "A", "schema": {"type": "object", "properties": {"a": {"maxlength": 1}}}}
    child = {"name": "A", "schema": {"type": "object", "properties": {"a": {"maxlength": 1}, "b": {"maxlength": 1}}}}
    assert [(issue.path, issue.severity) for issue in lint_definition(child, parent=parent)] == [
        ("/schema/properties/b/maxlength", E),
        ("/schema/properties/a/maxlength", N),
    ]
