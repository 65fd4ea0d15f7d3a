"""Names that people sent: what cannot be seen in them is shown."""

from __future__ import annotations

import pytest

from pages.ui import unicode_rendering
from tests.pages.rendered_parts import render


def test_names_show_what_cannot_be_seen():
    html = unicode_rendering.render_name("Order \u202edetelpmoC\u200b\x00")
    assert "U+202E" in html
    assert "U+200B" in html
    assert "U+0000" in html
    assert "\u202e" not in html


def test_names_show_letters_that_pass_for_latin_ones_only_beside_latin_ones():
    assert "U+0435" in unicode_rendering.render_name("Ord\u0435r")
    assert unicode_rendering.render_name("Заказ оформлен") == "Заказ оформлен"


@pytest.mark.parametrize(("name", "marks"), [(" a", 1), ("a ", 1), ("a  b", 1), ("a b", 0), ("a\u00a0b", 1), ("", 0)])
def test_names_show_spaces_that_would_be_missed(name: str, marks: int):
    assert unicode_rendering.render_name(name).count('class="glyph"') == marks


def test_a_long_name_says_how_much_is_left_out():
    assert "9488 more characters" in unicode_rendering.render_name("x" * 10_000)


def test_a_lone_surrogate_can_be_sent():
    for template in ("{% mono text %}", "{% code text %}", "{% json text %}", '{% copy text "Copy" %}'):
        render(template, text="a\ud800b").encode("utf-8")
