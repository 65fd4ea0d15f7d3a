"""JavaScript that Node reads: every snippet to paste, whatever its event is called, and every script of ours."""

import shutil
import subprocess
from pathlib import Path

import pytest

from catalog.choices import Call
from catalog.code_snippets.snippets import generate_snippets
from catalog.models import Source
from runtime.clone import ROOT
from tests.catalog.test_snippets import HOSTILE
from tests.factories.catalog import definition

IN_JAVASCRIPT = ("web", "node")
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))


@pytest.fixture(scope="module")
def node() -> str:
    """The Node of this machine."""
    executable = shutil.which("node")
    if executable is None:
        pytest.skip("Node is missing. Install it: apt-get install nodejs")
    return executable


def refused(node: str, folder: Path, code: str) -> str:
    """What Node has against a module; nothing where it can be read. It is not run."""
    file = folder / "code.mjs"  # browsers and bundlers take all of them as modules
    file.write_text(code, encoding="utf-8")
    return subprocess.run([node, "--check", str(file)], capture_output=True, text=True, check=False).stderr


def javascript(document: dict[str, object]) -> list[str]:
    """The snippets in JavaScript that send a definition's example, with a key as hostile as a name."""
    app = Source(slug="app", version_path="/context/__proto__/a'b")
    written = [
        one for one in generate_snippets(document, app, "wk_'\"$`", app_version="2.5.0") if one.slug in IN_JAVASCRIPT
    ]
    assert [one.slug for one in written] == list(IN_JAVASCRIPT)
    return [one.code for one in written]


def test_node_refuses_what_cannot_be_read(node: str, tmp_path: Path) -> None:
    assert "SyntaxError" in refused(node, tmp_path, 'import { a } from "b"\nconst a b')
    assert refused(node, tmp_path, 'import { a } from "b"\na()') == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_key_or_value_breaks_a_snippet(node: str, tmp_path: Path, text: str) -> None:
    named = text.replace("\0", "x").replace("\ud800", "x")  # which no stored name holds
    schema = {"type": "object", "properties": {f"{named} ": {"type": "string", "examples": [named]}}}
    for code in javascript(definition(named or "x", schema=schema)):
        assert refused(node, tmp_path, code) == "", code


@pytest.mark.parametrize("call", Call)
def test_every_call_has_snippets_that_can_be_read(node: str, tmp_path: Path, call: Call) -> None:
    for code in javascript(definition("Checkout" if call in ("track", "page", "screen") else call, call=call)):
        assert refused(node, tmp_path, code) == "", code


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_script_of_ours_can_be_read(node: str, tmp_path: Path, script: Path) -> None:
    assert refused(node, tmp_path, script.read_text(encoding="utf-8")) == ""


def test_there_are_scripts_to_read() -> None:
    assert SCRIPTS
