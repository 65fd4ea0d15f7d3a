"""The lint where no request is: the command, and the library of properties."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from catalog.services.property_library import save_property
from tests.factories.catalog import EventFactory, PropertyFactory, analyst, definition

pytestmark = pytest.mark.django_db


def document_with(name="Order Completed", **coupon):
    return definition(name, schema={"type": "object", "properties": {"coupon": coupon}})


def lint(capsys, *arguments):
    """Return the exit code of the command, and what it printed."""
    code: str | int | None = 0
    try:
        call_command("lint_definitions", *arguments)
    except SystemExit as stopped:
        code = stopped.code
    return code, capsys.readouterr().out.splitlines()


def test_the_newest_versions_are_linted_as_if_they_were_written_today(capsys):
    EventFactory.create(name="Cart Viewed", definition=document_with("Cart Viewed", type="string"))
    EventFactory.create(name="Order Completed", definition=document_with(type="string", maxlength=5))
    code, lines = lint(capsys)
    assert code == 1
    assert lines[0].startswith('error   Order Completed 1.0.0: coupon: "maxlength" is no keyword')
    assert lines[0].endswith("(unknown_keyword)")
    assert lines[1:] == ["2 definitions: 1 error, 0 warnings, 0 notes"]


def test_files_are_linted_and_old_defects_are_notes(capsys, tmp_path):
    EventFactory.create(name="Order Completed", definition=document_with(type="string", maxlength=5))
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([document_with(type="string", maxlength=5), document_with("New", type="integer")]))
    code, lines = lint(capsys, str(path))
    assert code == 0
    assert lines[-1] == "2 definitions: 0 errors, 0 warnings, 1 note"
    assert lint(capsys, str(path), "--quiet") == (0, ["2 definitions: 0 errors, 0 warnings, 1 note"])
    path.write_text(json.dumps(document_with(type="string", format="url")))
    code, lines = lint(capsys, str(path))
    assert (code, lines[-1]) == (1, "1 definition: 1 error, 0 warnings, 0 notes")


def test_what_does_not_compile_is_an_error_and_what_is_no_json_is_told(capsys, tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"name": "A", "schema": {"type": "nonsense"}}')
    assert lint(capsys, str(path))[0] == 1
    path.write_text("[1, {}]")
    assert lint(capsys, str(path))[0] == 1
    path.write_text("{")
    with pytest.raises(CommandError, match="is no JSON"):
        call_command("lint_definitions", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("lint_definitions", str(tmp_path / "none.json"))


def test_no_definition_at_all_is_no_success(tmp_path):
    path = tmp_path / "none.json"
    path.write_text("[]")
    with pytest.raises(CommandError, match="No definition was linted"):
        call_command("lint_definitions", str(path))


def test_a_property_of_the_library_is_linted_and_keeps_its_old_defects():
    by = analyst()
    with pytest.raises(ValidationError, match="Did you mean maxLength"):
        save_property(None, by=by, name="coupon", schema={"type": "string", "maxlength": 5})
    entry = PropertyFactory.create(name="voucher", schema={"type": "string", "maxlength": 5})
    saved = save_property(entry, by=by, description="A code.")
    saved = save_property(saved, by=by, schema={"type": "string", "maxlength": 5, "minLength": 1})
    assert saved.schema["minLength"] == 1
    with pytest.raises(ValidationError, match="Did you mean minLength"):
        save_property(saved, by=by, schema={"type": "string", "maxlength": 5, "minlength": 1})
