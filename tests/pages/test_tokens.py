"""Text can be read on every ground, in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.conf import settings

from pages.ui.badges import TONES

TEXT = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TEXT)
}
THEMES = ("light", "dark")
GROUNDS = ("canvas", "surface", "raised", "sunken", "hover", "selected")
INKS = ("ink", "ink-2", "ink-3", "link", *(f"{tone}-ink" for tone in TONES))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: str) -> float:
    """The contrast of two tokens in a theme, from 1 to 21."""
    lights = sorted(luminance(PAIRS[name][THEMES.index(theme)]) for name in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_black_on_white_is_twenty_one_to_one():
    assert (luminance("#ffffff") + 0.05) / (luminance("#000000") + 0.05) == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_every_ground(theme: str):
    low = {
        f"{ink} on {ground}": round(contrast(ink, ground, theme), 2)
        for ink, ground in product(INKS, GROUNDS)
        if contrast(ink, ground, theme) < 4.5
    }
    assert not low


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_the_ground_of_their_tone(theme: str):
    for tone in TONES:
        assert contrast(f"{tone}-ink", f"{tone}-bg", theme) >= 4.5, tone
        assert contrast("ink", f"{tone}-bg", theme) >= 4.5, tone
        assert contrast("link", f"{tone}-bg", theme) >= 4.5, tone


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_the_main_button(theme: str):
    assert contrast("on-solid", "brand", theme) >= 4.5
    assert contrast("on-solid", "brand-hover", theme) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_and_focus(theme: str):
    for edge, ground in product(("line-input", "focus"), ("canvas", "surface", "raised")):
        assert contrast(edge, ground, theme) >= 3, f"{edge} on {ground}"


def test_every_colour_that_styles_use_is_a_token():
    known = set(re.findall(r"--([a-z0-9-]+):", TEXT))
    for path in (settings.BASE_DIR / "static" / "css").glob("*.css"):
        used = set(re.findall(r"var\(--(?!bs-|tone-)([a-z0-9-]+)", path.read_text(encoding="utf-8")))
        assert used <= known, path.name
