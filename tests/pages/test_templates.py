"""Templates carry no script, style or other host, since the policy would refuse them, and can be reviewed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from pages.ui.badges import BADGES
from pages.ui.icons import icon_names

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "a handler in an attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']|\shx-on\b|javascript:", re.I),
    "another host": re.compile(
        r"(?:src|action|hx-get|hx-post)\s*=\s*[\"'](?:https?:)?//|<link[^>]+href=[\"'](?:https?:)?//"
    ),
    "unescaped input": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}
MAX_LINE_LENGTH = 160
BLOCK_ELEMENTS = (
    "address article aside blockquote body caption dd details dialog div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 head header html legend li link main meta nav noscript ol optgroup option p pre script section"
    " summary table tbody td template tfoot th thead title tr ul"
)
BLOCK_START = re.compile(rf"<(?:{'|'.join(BLOCK_ELEMENTS.split())})(?=[\s>])")
# Shown, the end of the line before it would be a blank.
LOOSE_PUNCTUATION = re.compile(r"\s*[,.;:!?)\]](?=[\s<{]|$)")
BLOCKED_WORDS = re.compile(
    r"(?:src|href|action|hx-get|hx-post)=\"[^\"{]*(?:tracking|analytics|metrics|collect|ad_)[^\"]*\""
)


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_holds_nothing_that_the_policy_refuses(path: Path):
    text = path.read_text(encoding="utf-8")
    for what, pattern in FORBIDDEN.items():
        assert not pattern.search(text), f"{name_of(path)} holds {what}"
    assert not BLOCKED_WORDS.search(text), f"{name_of(path)} holds an address that content blockers hide"


def test_no_asset_has_a_name_that_content_blockers_hide():
    for path in (settings.BASE_DIR / "static").rglob("*"):
        assert not re.search(r"tracking|analytics|metrics|collect|ad_", str(path.relative_to(settings.BASE_DIR)))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_can_be_reviewed_line_by_line(path: Path):
    """Each line fits a review's window and begins at most one element of the page's structure."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert len(line) <= MAX_LINE_LENGTH, f"{name_of(path)}:{number} has {len(line)} characters"
        assert len(BLOCK_START.findall(line)) <= 1, f"{name_of(path)}:{number} begins several elements"
        assert not LOOSE_PUNCTUATION.match(line), f"{name_of(path)}:{number} begins with punctuation"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_names_only_icons_and_kinds_that_exist(path: Path):
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"{%\s*icon \"([^\"]+)\"|\bicon=\"([^\"]+)\"", text)) <= {
        pair for name in icon_names() for pair in ((name, ""), ("", name))
    }
    kinds = re.findall(r"{%\s*badge(?:_icon)? \"([^\"]+)\"|\|(?:tone|icon_name):\"([^\"]+)\"", text)
    assert {name or other for name, other in kinds} <= set(BADGES)
